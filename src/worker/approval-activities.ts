/** Activities of approvals with a policy: who decides, how it ended, who is reminded. @module */
import { activityInfo, ApplicationFailure, Context } from '@temporalio/activity';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Actor, Claim } from '../contracts/actors.js';
import {
  type ApprovalNotice,
  decisionRefused,
  identifyActivity,
  keepDecisionActivity,
  notifyActivity,
} from '../contracts/approvals.js';
import type { DecisionRecord } from '../contracts/decisions.js';
import type { Project } from '../contracts/define-project.js';
import { errorCodes, TrainyardError } from '../contracts/errors.js';
import { keepDecision } from '../records/decisions.js';
import type { Signer } from '../records/signing.js';
import type { Identify } from './identify.js';
import { postWebhook, webhookTarget } from './post-webhook.js';

/** What the activities stand on. */
export interface ApprovalActivityOptions {
  readonly project: Pick<Project, 'webhooks'>;
  readonly store: ArtifactStore;
  readonly signer: Signer;
  readonly identify: Identify;
}

/** The activities by name. */
export function approvalActivities({ project, store, signer, identify }: ApprovalActivityOptions) {
  return {
    [identifyActivity]: (claim: Claim, about: string): Promise<Actor> => final(() => identify(claim, about)),
    [keepDecisionActivity]: (record: DecisionRecord): Promise<string> =>
      final(() => keepDecision(store, record, signer)),
    /** Sent again after a lost answer, it has the same id: whoever gets it twice can tell. */
    [notifyActivity]: (notice: ApprovalNotice, sentAt: string): Promise<void> =>
      final(async () => {
        const target = webhookTarget(project.webhooks ?? {}, notice.to);
        const { workflowExecution, activityId } = activityInfo();
        await postWebhook(
          target,
          { ...notice, sentAt },
          {
            id: `${workflowExecution?.runId ?? ''}-${activityId}`,
            signal: Context.current().cancellationSignal,
          },
        );
      }),
  };
}

/** What another try would not mend is not tried again, and says its code. */
async function final<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof TrainyardError) || error.retried) throw error;
    const { code, what, message } = error;
    const { remedy } = errorCodes[code];
    throw ApplicationFailure.create({
      message,
      type: decisionRefused,
      nonRetryable: true,
      details: [{ code, what, remedy }],
      cause: error,
    });
  }
}

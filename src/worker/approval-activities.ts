/** Activities of approvals with a policy: who decides, how it ended, who is reminded. @module */
import { activityInfo, Context } from '@temporalio/activity';
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
import { keepDecision } from '../records/decisions.js';
import type { Signer } from '../records/signing.js';
import { untilFinal } from './final-failure.js';
import type { Identify } from './identify.js';
import { postWebhook, webhookTarget } from './post-webhook.js';

/** What the activities stand on. */
export interface ApprovalActivityOptions {
  readonly project: Pick<Project, 'webhooks' | 'secrets'>;
  readonly store: ArtifactStore;
  readonly signer: Signer;
  readonly identify: Identify;
}

/** The activities by name. */
export function approvalActivities({ project, store, signer, identify }: ApprovalActivityOptions) {
  return {
    [identifyActivity]: (claim: Claim, about: string): Promise<Actor> =>
      untilFinal(decisionRefused, () => identify(claim, about)),
    [keepDecisionActivity]: (record: DecisionRecord): Promise<string> =>
      untilFinal(decisionRefused, () => keepDecision(store, record, signer)),
    /** Sent again after a lost answer, it has the same id: whoever gets it twice can tell. */
    [notifyActivity]: (notice: ApprovalNotice, sentAt: string): Promise<void> =>
      untilFinal(decisionRefused, async () => {
        const target = webhookTarget(project, notice.to);
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

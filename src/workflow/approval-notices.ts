/** What is sent because an approval stays open. @module */
import { ActivityFailure, isCancellation, log, scheduleActivity, workflowInfo } from '@temporalio/workflow';
import type { DueNotice } from '../contracts/approval-policy.js';
import { type ApprovalNotice, notifyActivity, type SentNotice } from '../contracts/approvals.js';
import { messageOf } from '../contracts/errors.js';
import type { PolicyQuestion } from './policy-decisions.js';
import { now } from './questions.js';

/** Sends one, again and again for an hour; one that does not arrive is shown as such, and stops nothing. Cancelled when the approval ends. */
export async function sendNotice(
  question: PolicyQuestion,
  { kind, to }: DueNotice,
  publish: () => void,
): Promise<void> {
  const { workflowId, runId, workflowType: pipeline, taskQueue } = workflowInfo();
  const { id, name, binding, askedAt, expiresAt, author, policy, decisions } = question;
  const sent: SentNotice = { kind, to, at: now() };
  question.notices = [...(question.notices ?? []), sent];
  publish();
  const notice: ApprovalNotice = {
    type: `approval.${kind}`,
    to,
    workflowId,
    runId,
    pipeline,
    approval: { id, name, binding, askedAt, expiresAt, author },
    deciders: policy.deciders,
    decisions,
  };
  try {
    await scheduleActivity(notifyActivity, [notice, sent.at], {
      taskQueue,
      startToCloseTimeout: '30 seconds',
      scheduleToCloseTimeout: '1 hour',
      retry: { maximumInterval: '1 minute' },
    });
  } catch (error) {
    if (isCancellation(error)) return;
    sent.failure = messageOf(error instanceof ActivityFailure ? error.cause : error).slice(0, 300);
    log.warn(`the ${kind} of ${id} did not reach ${to}: ${sent.failure}`);
    if (question.decision === undefined) publish();
  }
}

/** Decisions on what a run asks: sent by Update, refused with the reason. @module */
import {
  type Client,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { type DecisionRequest, decideUpdate, type OpenApproval } from '../contracts/approvals.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { refusedUpdate } from './refused-update.js';

/** Who decides, and why: both are kept in history. */
export interface DecisionOptions {
  readonly by: string;
  readonly reason: string;
  /** Of whoever checked the decider's credential, for this very question; see docs/approvals.md. @default `by` is a claim */
  readonly attestation?: string;
}

/** Sooner than people lose patience; an idle worker answers in milliseconds. */
const patienceMs = 30_000;

/** Decides a question as it was shown. */
export async function sendDecision(
  client: Client,
  run: WorkflowHandle,
  { id, binding, policy }: OpenApproval,
  verdict: DecisionRequest['verdict'],
  { by, reason, attestation }: DecisionOptions,
): Promise<void> {
  const request: DecisionRequest = { id, binding, verdict, by, reason };
  // What has no policy reads none: an older worker may run it.
  if (policy && attestation !== undefined) request.attestation = attestation;
  try {
    await client.withDeadline(Date.now() + patienceMs, () => run.executeUpdate(decideUpdate, { args: [request] }));
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const what = `no worker of the pipelines took the decision on "${id}" of ${run.workflowId}`;
      throw new TrainyardError('TY1914', what, {
        cause: error,
        remedy: 'Start one, look whether it was taken, and decide again',
      });
    }
    if (error instanceof WorkflowUpdateFailedError) throw refusalOf(error, run.workflowId);
    throw error;
  }
}

/** The run's refusal as the error that it was. */
function refusalOf(error: WorkflowUpdateFailedError, workflowId: string): TrainyardError {
  const unknown = () =>
    new TrainyardError('TY1904', `${workflowId}: ${messageOf(error.cause)}`, { cause: error, remedy: '' });
  return refusedUpdate(error, `${workflowId}: `) ?? unknown();
}

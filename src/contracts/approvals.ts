/** What a person decides about a run, and what binds the decision to what was shown. @module */
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';

/** Name of the Update that carries a {@link DecisionRequest}. */
export const decideUpdate = 'trainyard-decide';

/** Memo field with the run's {@link OpenApproval}s: readable while no worker runs. */
export const approvalsMemo = 'trainyard-approvals';

/** An approval that waits for a decision. */
export const OpenApproval = z.object({
  /** `<name>-<n>`: the n-th time that this run asks for it, from 0. */
  id: z.string(),
  name: z.string(),
  /** What the decider is shown: metrics and refs. */
  evidence: z.json(),
  /** ISO 8601. */
  expiresAt: z.string(),
  /** Digest of {@link bindingOf}: what a decision must repeat. */
  binding: z.string(),
});
export type OpenApproval = z.output<typeof OpenApproval>;

/** What `approve` and `reject` send. */
export const DecisionRequest = z.object({
  id: z.string(),
  binding: z.string(),
  verdict: z.enum(['approved', 'rejected']),
  by: z.string().min(1),
  reason: z.string().min(1),
});
export type DecisionRequest = z.output<typeof DecisionRequest>;

/** How an approval ended. */
export type Decision =
  | { readonly verdict: 'approved' | 'rejected'; readonly by: string; readonly reason: string; readonly at: string }
  | { readonly verdict: 'expired'; readonly at: string };

/**
 * The text whose sha256 binds a decision to one run, one question and the evidence that was shown: a reset or a fork
 * has another run id, so that a decision that Temporal applies again there is refused.
 */
export function bindingOf(
  question: Pick<OpenApproval, 'id' | 'expiresAt'> & {
    readonly workflowId: string;
    readonly runId: string;
    readonly evidenceDigest: string;
  },
): string {
  const { workflowId, runId, id, evidenceDigest, expiresAt } = question;
  return canonicalJson({ workflowId, runId, approvalId: id, evidenceDigest, expiresAt });
}

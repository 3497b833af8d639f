/** What a person decides about a run, and what binds the decision to what was shown. @module */
import { z } from 'zod';
import { Claim } from './actors.js';
import { ApprovalPolicy } from './approval-policy.js';
import { canonicalJson } from './canonical-json.js';
import { PersonalDecision } from './decisions.js';

/** Name of the Update that carries a {@link DecisionRequest}. */
export const decideUpdate = 'trainyard-decide';

/** Memo field with the run's {@link OpenApproval}s: readable while no worker runs. */
export const approvalsMemo = 'trainyard-approvals';

/** Memo field with who started a run: a {@link RunAuthor}. Continue-as-new and children inherit it. */
export const authorMemo = 'trainyard-author';

/** Whoever started a run, as he called himself. */
export const RunAuthor = z.object({ name: z.string().min(1).max(200) });
export type RunAuthor = z.output<typeof RunAuthor>;

/** Local activity: the `Actor` behind a `Claim`, as far as it can be known; takes the claim and what an attestation has to be about. */
export const identifyActivity = 'trainyard:identify';

/** Activity on the `pipelines` queue: keeps how an approval ended, a `DecisionRecord`, in the store; gives its binding. */
export const keepDecisionActivity = 'trainyard:keepDecision';

/** Activity on the `pipelines` queue: sends an {@link ApprovalNotice} to a webhook of the project. */
export const notifyActivity = 'trainyard:notifyApproval';

/** Failure type of a decision that is refused. Its first detail is a `RefusedChange`. */
export const decisionRefused = 'DecisionRefused';

/** A message that was sent because of an approval that stays open. */
export const SentNotice = z.object({
  kind: z.enum(['reminder', 'escalation']),
  to: z.string(),
  at: z.string(),
  /** Why it did not arrive. */
  failure: z.string().optional(),
});
export type SentNotice = z.output<typeof SentNotice>;

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
  /** The rest is there where the contract has a policy for it. */
  policy: ApprovalPolicy.optional(),
  /** Who has decided so far. */
  decisions: z.array(PersonalDecision).optional(),
  /** ISO 8601. */
  askedAt: z.string().optional(),
  /** Who started the run; absent where nobody said so. */
  author: z.string().optional(),
  notices: z.array(SentNotice).optional(),
});
export type OpenApproval = z.output<typeof OpenApproval>;

/** What `approve` and `reject` send. */
export const DecisionRequest = z.object({
  id: z.string(),
  binding: z.string(),
  verdict: z.enum(['approved', 'rejected']),
  by: z.string().min(1),
  reason: z.string().min(1),
  /** Of whoever checked the decider's credential; see `Claim`. Read where there is a policy. */
  attestation: Claim.shape.attestation,
});
export type DecisionRequest = z.output<typeof DecisionRequest>;

/** How an approval ended: `by` and `reason` are those of whoever decided last. */
export type Decision = (
  | { readonly verdict: 'approved' | 'rejected'; readonly by: string; readonly reason: string; readonly at: string }
  | { readonly verdict: 'expired'; readonly at: string }
) & {
  /** Names the decision: `decisions/<binding>.json` in the store where the approval has a policy. */
  readonly binding: string;
};

/** How an approval with a policy ended: with everybody who decided. */
export type PolicyDecision = Decision & { readonly decisions: readonly PersonalDecision[] };

/** What a webhook is told. */
export interface ApprovalNotice {
  readonly type: 'approval.reminder' | 'approval.escalation';
  /** Name of the webhook. */
  readonly to: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly approval: Pick<OpenApproval, 'id' | 'name' | 'binding' | 'askedAt' | 'expiresAt' | 'author'>;
  /** Approvals that it takes, and who has decided so far. */
  readonly deciders: number;
  readonly decisions: readonly PersonalDecision[];
}

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

/** The rules by which people decide an approval with a policy: pure, the same in the workflow and on replay. @module */
import type { Actor, Claim } from './actors.js';
import type { ApprovalPolicy } from './approval-policy.js';
import type { PersonalDecision } from './decisions.js';
import type { RefusedChange } from './entities.js';

/** What the rules look at. */
export interface PolicyQuestion {
  readonly id: string;
  readonly policy: ApprovalPolicy;
  readonly author?: string | undefined;
  readonly decisions: readonly PersonalDecision[];
  /** The escalation is due: its roles may decide, too. */
  readonly escalated: boolean;
}

/** What can be said of a claim before it is looked into: why it is refused in any case; undefined where it may be good. */
export function whyClaimRefused(question: PolicyQuestion, claim: Claim): RefusedChange | undefined {
  const { id, policy, author, decisions } = question;
  if (policy.notAuthor && author !== undefined && isSamePerson(claim.name, author))
    return { code: 'TY2203', what: `${claim.name} started this run, and its author may not decide "${id}"` };
  const before = decisions.find(({ by }) => isSamePerson(by.name, claim.name));
  if (before) return { code: 'TY2204', what: `${claim.name} has ${before.verdict} "${id}" at ${before.at} already` };
  if (policy.identity === 'verified' && claim.attestation === undefined)
    return {
      code: 'TY2205',
      what: `"${id}" takes decisions of verified people only, and ${claim.name} is a mere claim`,
    };
  return undefined;
}

/** Why somebody may not decide; undefined where he may. */
export function whyRefused(question: PolicyQuestion, by: Actor): RefusedChange | undefined {
  const { id, policy, escalated } = question;
  const refused = whyClaimRefused(question, { name: by.name, attestation: by.standing });
  if (refused) return refused;
  if (policy.identity === 'verified' && by.standing !== 'verified')
    return { code: 'TY2205', what: `"${id}" takes decisions of verified people only, and ${by.name} is a mere claim` };
  if (policy.roles === undefined) return undefined;
  const allowed = [...policy.roles, ...((escalated && policy.escalate?.roles) || [])];
  if (by.roles?.some((role) => allowed.includes(role))) return undefined;
  const has = by.roles?.length ? `has the roles ${by.roles.join(', ')}` : 'has no role';
  return {
    code: 'TY2206',
    what: `"${id}" is decided by people of the roles ${allowed.join(', ')}, and ${by.name} ${has}`,
  };
}

/** The verdict, once enough people have decided. */
export function verdictOf({ deciders, rejections }: ApprovalPolicy, decisions: readonly PersonalDecision[]) {
  const count = (verdict: PersonalDecision['verdict']) => decisions.filter((one) => one.verdict === verdict).length;
  if (count('rejected') >= rejections) return 'rejected';
  return count('approved') >= deciders ? 'approved' : undefined;
}

/** Names differ by more than case and space: `Ada` cannot decide twice by calling herself `ada`. */
export function isSamePerson(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** Who may decide an approval, how many of them, until when, and who hears of it: declared in the pipeline's contract. @module */
import { z } from 'zod';
import { parseOrThrow } from './contract-violation.js';
import { type Duration, isDuration, toMilliseconds } from './duration.js';
import { TrainyardError } from './errors.js';

const span = z.custom<Duration>(isDuration, 'write a number, a space and a unit, like "3 days"');
const roles = z.array(z.string().min(1).max(100)).min(1).max(20);

/** What a pipeline's contract says of one of its approvals. */
export const ApprovalPolicy = z.object({
  /** So many people must approve, each once. @default 1 */
  deciders: z.int().min(1).max(20).default(1),
  /** So many must reject before it is rejected. @default 1: anybody can stop it */
  rejections: z.int().min(1).max(20).default(1),
  /** Who decides has one of these. @default anybody may */
  roles: roles.optional(),
  /** Whoever started the run may not decide. @default false */
  notAuthor: z.boolean().default(false),
  /** `verified`: only people whose credential was checked. @default 'claimed': a name is taken on trust, and recorded as such */
  identity: z.enum(['claimed', 'verified']).default('claimed'),
  /** Counted from the question. After that nobody can decide any more. */
  expiresIn: span,
  /**
   * What expiry means. `answer`: the pipeline is told `expired`, which is neither yes nor no, and goes on as it likes; `fail`: the run fails.
   * @default 'answer'
   */
  whenExpired: z.enum(['answer', 'fail']).default('answer'),
  /** A message to one of the project's `webhooks`, so long after the question, then at this distance. */
  remind: z
    .object({ to: z.string().min(1), after: span, every: span.optional() })
    .strict()
    .optional(),
  /** The same once, to somebody else; people of these roles may decide from then on, too. */
  escalate: z
    .object({ to: z.string().min(1), after: span, roles: roles.optional() })
    .strict()
    .optional(),
});
export type ApprovalPolicy = z.output<typeof ApprovalPolicy>;

/** A policy as a contract declares it: what has a default may be left out. */
export type ApprovalPolicyOptions = z.input<typeof ApprovalPolicy>;

/** A message that is due some time after the question. */
export interface DueNotice {
  readonly kind: 'reminder' | 'escalation';
  /** Name of a webhook of the project. */
  readonly to: string;
  readonly afterMs: number;
}

/** Reminders are for people. */
const shortestEveryMs = 60_000;

/** Each leaves events in history. */
const mostReminders = 100;

/** Fills the defaults; throws TY1003 for a wrong shape, TY2201 for a policy by which nothing could ever be decided. */
export function checkPolicy(where: string, options: ApprovalPolicyOptions): ApprovalPolicy {
  const policy = parseOrThrow(ApprovalPolicy.strict(), options, where);
  const expiresMs = toMilliseconds(policy.expiresIn);
  const refuse = (what: string) => new TrainyardError('TY2201', `${where}: ${what}`);
  if (expiresMs < 1) throw refuse('expiresIn is no time at all');
  for (const { kind, afterMs } of noticesOf(policy))
    if (afterMs >= expiresMs) throw refuse(`the first ${kind} would come after it has expired`);
  const every = policy.remind?.every;
  if (every !== undefined && toMilliseconds(every) < shortestEveryMs)
    throw refuse(`remind.every is ${every}, and one minute is the shortest`);
  if (noticesOf(policy).length > mostReminders + 1) throw refuse(`there would be more than ${mostReminders} reminders`);
  return policy;
}

/** Whether a notice need not be sent any more: after a time without a worker several are due at once, and of reminders the last one says it all. */
export function isOvertaken(notices: readonly DueNotice[], at: number, elapsedMs: number): boolean {
  const later = notices.slice(at + 1).some(({ kind, afterMs }) => kind === 'reminder' && afterMs <= elapsedMs);
  return notices[at]?.kind === 'reminder' && later;
}

/** What is due while an approval stays open, in the order of time. */
export function noticesOf({ expiresIn, remind, escalate }: ApprovalPolicy): DueNotice[] {
  const notices: DueNotice[] = [];
  if (escalate) notices.push({ kind: 'escalation', to: escalate.to, afterMs: toMilliseconds(escalate.after) });
  if (remind) {
    const everyMs = remind.every === undefined ? Infinity : Math.max(1, toMilliseconds(remind.every));
    const endMs = toMilliseconds(expiresIn);
    let afterMs = toMilliseconds(remind.after);
    do {
      notices.push({ kind: 'reminder', to: remind.to, afterMs });
      afterMs += everyMs;
    } while (afterMs < endMs && notices.length <= mostReminders + 1);
  }
  return notices.sort((one, other) => one.afterMs - other.afterMs);
}

/** Approvals with a policy: several deciders whom a worker identifies, reminders while it is open, a record when it ends. @module */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  scheduleActivity,
  scheduleLocalActivity,
  workflowInfo,
} from '@temporalio/workflow';
import type { Actor, Claim } from '../contracts/actors.js';
import { type ApprovalPolicy, type DueNotice, isOvertaken, noticesOf } from '../contracts/approval-policy.js';
import {
  type Decision,
  type DecisionRequest,
  identifyActivity,
  keepDecisionActivity,
  type PolicyDecision,
} from '../contracts/approvals.js';
import { verdictOf, whyClaimRefused, whyRefused } from '../contracts/decision-rules.js';
import type { DecisionRecord, PersonalDecision } from '../contracts/decisions.js';
import { sendNotice } from './approval-notices.js';
import { assertOpen, now, publishQuestions, type Question, refusedDecision } from './questions.js';

/** A question with what its policy needs to know. */
export interface PolicyQuestion extends Question {
  readonly policy: ApprovalPolicy;
  readonly decisions: PersonalDecision[];
  readonly askedAt: string;
  escalated: boolean;
  /** Decisions whose makers are being identified. */
  undecided: number;
}

/** Makes a question one that is decided by a policy; the same object, which decisions are bound to. */
export function withPolicy(question: Question, policy: ApprovalPolicy, author: string | undefined): PolicyQuestion {
  const more = { policy, decisions: [], askedAt: now(), escalated: false, undecided: 0 };
  return Object.assign(question, more, author !== undefined && { author });
}

/** Throws where a claim is refused whoever is behind it: what a validator may look at. */
export function mayClaim(question: Question, claim: Claim): void {
  if (!isByPolicy(question)) return;
  const refused = whyClaimRefused(question, claim);
  if (refused) throw refusedDecision(refused);
}

/** One decision: its maker is identified by a worker, then the rules are asked, on what has happened meanwhile, too. */
export async function decideByPolicy(
  questions: readonly Question[],
  { question, by: name, attestation, verdict, reason }: DecisionRequest & { readonly question: Question },
): Promise<undefined> {
  mayClaim(question, { name, attestation });
  if (!isByPolicy(question)) return;
  question.undecided++;
  try {
    const by = await identified({ name, ...(attestation !== undefined && { attestation }) }, question.binding);
    assertOpen(question);
    const refused = whyRefused(question, by);
    if (refused) throw refusedDecision(refused);
    const at = now();
    question.decisions.push({ by, verdict, reason, at });
    const settled = verdictOf(question.policy, question.decisions);
    if (settled) question.decision = { verdict: settled, by: by.name, reason, at, binding: question.binding };
    publishQuestions(questions);
  } finally {
    question.undecided--;
  }
}

/** Waits for the end, sends what is due meanwhile, and keeps the end as a record. */
export async function untilDecided(questions: readonly Question[], question: PolicyQuestion): Promise<PolicyDecision> {
  publishQuestions(questions);
  const notices = new CancellationScope();
  await untilEnd(question, (notice) => {
    if (notice.kind === 'escalation') question.escalated = true;
    void notices.run(() => sendNotice(question, notice, () => publishQuestions(questions)));
  });
  notices.cancel();
  question.isBeingKept = true;
  question.decision ??= { verdict: 'expired', at: now(), binding: question.binding };
  publishQuestions(questions);
  // Whoever decided too late is told so, before the run may end.
  await condition(() => question.undecided === 0);
  await keep(question, question.decision).finally(() => (question.isBeingKept = false));
  if (question.decision.verdict === 'expired' && question.policy.whenExpired === 'fail') throw expired(question);
  return { ...question.decision, decisions: question.decisions };
}

async function untilEnd(question: PolicyQuestion, onDue: (notice: DueNotice) => void): Promise<void> {
  const isDecided = () => question.decision !== undefined;
  const askedMs = Date.parse(question.askedAt);
  const notices = noticesOf(question.policy);
  for (const [at, notice] of notices.entries()) {
    if (await condition(isDecided, untilMs(askedMs + notice.afterMs))) return;
    if (!isOvertaken(notices, at, Date.now() - askedMs)) onDue(notice);
  }
  await condition(isDecided, untilMs(Date.parse(question.expiresAt)));
}

/** A timer of no time is none. */
function untilMs(time: number): number {
  return Math.max(1, time - Date.now());
}

async function identified(claim: Claim, about: string): Promise<Actor> {
  const trying = { startToCloseTimeout: '10 seconds', retry: { maximumAttempts: 5 } } as const;
  try {
    return await scheduleLocalActivity<Actor>(identifyActivity, [claim, about], trying);
  } catch (error) {
    // The decider is told what is wrong, not that an activity failed.
    throw error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : error;
  }
}

/** As often as it takes: a store that is away for a day must not lose a decision. */
async function keep(question: PolicyQuestion, { verdict, at }: Decision): Promise<void> {
  const { workflowId, runId, workflowType: pipeline, taskQueue } = workflowInfo();
  const { id, name, evidence, evidenceDigest, expiresAt, decisions, author } = question;
  const record: DecisionRecord = {
    ...{ workflowId, runId, pipeline, id, name, evidence, evidenceDigest, expiresAt, verdict, decisions, at },
    // Whoever starts a run shows no credential.
    ...(author !== undefined && { author: { name: author, standing: 'claimed' } }),
  };
  await scheduleActivity<string>(keepDecisionActivity, [record], {
    taskQueue,
    startToCloseTimeout: '30 seconds',
    retry: { maximumInterval: '1 minute' },
  });
}

function expired({ id, expiresAt }: PolicyQuestion): ApplicationFailure {
  return ApplicationFailure.create({
    message: `"${id}" expired at ${expiresAt}, and its policy says that the run fails then. Start the run again, and decide in time. [TY2207]`,
    type: 'ApprovalExpired',
    nonRetryable: true,
  });
}

function isByPolicy(question: Question): question is PolicyQuestion {
  return question.policy !== undefined;
}

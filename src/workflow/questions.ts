/** The questions that a run has asked people, and which of them a decision is about. @module */
import { ApplicationFailure, upsertMemo } from '@temporalio/workflow';
import {
  approvalsMemo,
  type Decision,
  decisionRefused,
  DecisionRequest,
  type OpenApproval,
} from '../contracts/approvals.js';
import type { RefusedChange } from '../contracts/entities.js';
import { type ErrorCode, errorCodes } from '../contracts/errors.js';
import { checked } from './checked.js';

/** A question, and how it ended once it has. */
export interface Question extends OpenApproval {
  readonly evidenceDigest: string;
  decision?: Decision;
  /** Decided, and not yet in the store. */
  isBeingKept?: boolean;
}

// Modules are loaded anew for each run: these are one run's questions.
const asked = new Set<Question>();

/** Whether the run waits for a decision: it must not go on as a new run, which would ask anew. */
export function isAsking(): boolean {
  return [...asked].some(isWaiting);
}

/** Whether one of the decisions that it waits for is made by a policy. */
export function isAskingByPolicy(): boolean {
  return [...asked].some((question) => question.policy !== undefined && isWaiting(question));
}

function isWaiting({ decision, isBeingKept }: Question): boolean {
  return decision === undefined || isBeingKept === true;
}

/** Shows the open ones in the run's memo. */
export function publishQuestions(questions: readonly Question[]): void {
  for (const question of questions) asked.add(question);
  upsertMemo({ [approvalsMemo]: questions.filter(({ decision }) => decision === undefined).map(shown) });
}

function shown(question: Question): OpenApproval {
  const { id, name, evidence, expiresAt, binding, policy, decisions, askedAt, author, notices } = question;
  return { id, name, evidence, expiresAt, binding, policy, decisions, askedAt, author, notices };
}

/** A decision together with the question that it is bound to; throws where it is bound to none that is open. */
export function boundQuestion(
  questions: readonly Question[],
  request: unknown,
): DecisionRequest & { readonly question: Question } {
  const decision = checked(DecisionRequest, request, 'decision');
  const question = questions.find(({ id }) => id === decision.id);
  if (question === undefined) throw notBound(`this run does not ask for "${decision.id}"`);
  assertOpen(question);
  if (question.binding !== decision.binding)
    throw notBound(`the decision on "${decision.id}" was made for other evidence or another run`);
  if (Date.parse(question.expiresAt) <= Date.now()) throw notBound(`"${decision.id}" expired at ${question.expiresAt}`);
  return { ...decision, question };
}

/** Throws where the question has been decided. */
export function assertOpen({ id, decision }: Question): void {
  if (decision) throw notBound(`"${id}" has been ${decision.verdict} already`);
}

/** The failure that tells a decider why. */
export function refusedDecision({ code, what }: RefusedChange): ApplicationFailure {
  const { remedy } = errorCodes[code as ErrorCode];
  return ApplicationFailure.create({
    message: `${what}. ${remedy}. [${code}]`,
    type: decisionRefused,
    nonRetryable: true,
    details: [{ code, what, remedy }],
  });
}

/** Now, as history has it. */
export function now(): string {
  return new Date(Date.now()).toISOString();
}

function notBound(what: string): ApplicationFailure {
  return refusedDecision({ code: 'TY1904', what });
}

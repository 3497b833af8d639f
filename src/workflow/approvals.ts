/** Decisions of people: asked for by a pipeline, made by Update, bound to the run and the evidence that was shown. @module */
import {
  ApplicationFailure,
  condition,
  defineUpdate,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  approvalsMemo,
  bindingOf,
  type Decision,
  DecisionRequest,
  decideUpdate,
  type OpenApproval,
} from '../contracts/approvals.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import { type Duration, toMilliseconds } from '../contracts/duration.js';
import type { Json } from '../contracts/json-schema.js';
import { checked } from './checked.js';

/** What `run.approval` takes beside the name. */
export interface ApprovalOptions {
  /** What the decider is shown: metrics and refs, at most a few kilobytes. */
  readonly evidence: Json;
  readonly expiresIn: Duration;
}

/** Asks for a decision and waits for it. */
export type AskForApproval<Name extends string> = (name: Name, options: ApprovalOptions) => Promise<Decision>;

interface Question extends OpenApproval {
  decision?: Decision;
}

/** Registers the Update handler (call it before the first `await`), gives `run.approval`, and tells whether it waits for a decision. */
export function acceptDecisions<Name extends string>(
  declared: readonly Name[],
): { readonly approval: AskForApproval<Name>; readonly isAsking: () => boolean } {
  const questions: Question[] = [];
  setHandler(defineUpdate<undefined, [unknown]>(decideUpdate), (request) => decide(questions, request), {
    validator: (request) => {
      boundQuestion(questions, request);
    },
    description: 'Approves or rejects what the run asks for',
  });
  const approval: AskForApproval<Name> = async (name, options) => {
    checkDeclared(declared, name);
    const question = ask(name, questions.filter((earlier) => earlier.name === name).length, options);
    questions.push(question);
    publish(questions);
    const decided = await condition(() => question.decision !== undefined, Date.parse(question.expiresAt) - Date.now());
    if (!decided) question.decision = { verdict: 'expired', at: now() };
    publish(questions);
    // Either the condition held or the line above set it; the compiler does not follow the mutation through `await`.
    return question.decision as Decision;
  };
  return { approval, isAsking: () => questions.some(({ decision }) => decision === undefined) };
}

/** Temporal applies Updates again after a reset without asking the validator, hence the same comparison in the handler. */
function decide(questions: readonly Question[], request: unknown): undefined {
  const { question, verdict, by, reason } = boundQuestion(questions, request);
  question.decision = { verdict, by, reason, at: now() };
}

function boundQuestion(questions: readonly Question[], request: unknown): DecisionRequest & { question: Question } {
  const decision = checked(DecisionRequest, request, 'decision');
  const question = questions.find(({ id }) => id === decision.id);
  if (question === undefined) throw refused(`this run does not ask for "${decision.id}"`);
  if (question.decision) throw refused(`"${decision.id}" has been ${question.decision.verdict} already`);
  if (question.binding !== decision.binding)
    throw refused(`the decision on "${decision.id}" was made for other evidence or another run`);
  if (Date.parse(question.expiresAt) <= Date.now()) throw refused(`"${decision.id}" expired at ${question.expiresAt}`);
  return { ...decision, question };
}

function refused(what: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${what}. Look at the run's open approvals and decide on what they show now. [TY1904]`,
    type: 'DecisionRefused',
    nonRetryable: true,
  });
}

function checkDeclared(declared: readonly string[], name: string): void {
  if (declared.includes(name)) return;
  throw ApplicationFailure.create({
    message: `approval "${name}" is not declared by the pipeline. Add it to definePipeline's approvals. [TY1003]`,
    type: 'ContractViolation',
    nonRetryable: true,
  });
}

function ask(name: string, times: number, { evidence, expiresIn }: ApprovalOptions): Question {
  const { workflowId, runId } = workflowInfo();
  const id = `${name}-${times}`;
  const expiresAt = new Date(Date.now() + toMilliseconds(expiresIn)).toISOString();
  const evidenceDigest = digest(canonicalJson(evidence));
  const binding = digest(bindingOf({ workflowId, runId, id, evidenceDigest, expiresAt }));
  // z.json() is mutable where Json is read-only: the same values.
  return { id, name, evidence: evidence as OpenApproval['evidence'], expiresAt, binding };
}

function publish(questions: readonly Question[]): void {
  const open = questions.filter(({ decision }) => decision === undefined);
  upsertMemo({ [approvalsMemo]: open });
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

function now(): string {
  return new Date(Date.now()).toISOString();
}

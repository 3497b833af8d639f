/** Decisions of people: asked for by a pipeline, made by Update, bound to the run and the evidence that was shown. @module */
import { ApplicationFailure, condition, defineUpdate, setHandler, workflowInfo } from '@temporalio/workflow';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ApprovalPolicy } from '../contracts/approval-policy.js';
import { bindingOf, type Decision, decideUpdate, type PolicyDecision } from '../contracts/approvals.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import { type Duration, toMilliseconds } from '../contracts/duration.js';
import type { Json } from '../contracts/json-schema.js';
import { decideByPolicy, mayClaim, untilDecided, withPolicy } from './policy-decisions.js';
import { boundQuestion, now, publishQuestions, type Question } from './questions.js';
import { authorOfRun } from './run-author.js';

/** What `run.approval` takes beside the name. */
export interface ApprovalOptions {
  /** What the decider is shown: metrics and refs, at most a few kilobytes. */
  readonly evidence: Json;
  readonly expiresIn: Duration;
}

/** The same for an approval whose policy says when it expires. */
export type PolicyApprovalOptions = Pick<ApprovalOptions, 'evidence'>;

/** Asks for a decision and waits for it; names of `WithPolicy` have a policy in the contract. */
export type AskForApproval<Name extends string, WithPolicy extends string = never> = <Asked extends Name>(
  name: Asked,
  options: Asked extends WithPolicy ? PolicyApprovalOptions : ApprovalOptions,
) => Promise<Asked extends WithPolicy ? PolicyDecision : Decision>;

/** The approvals of a contract. */
interface Declared<Name extends string> {
  readonly name: string;
  readonly approvals: readonly Name[];
  readonly policies: Readonly<Record<string, ApprovalPolicy>>;
}

/** Registers the Update handler (call it before the first `await`) and gives `run.approval`. Throws for a run whose policies need an author that nobody named. */
export function acceptDecisions<Name extends string, WithPolicy extends string>(
  contract: Declared<Name>,
): AskForApproval<Name, WithPolicy> {
  const { approvals: declared, policies } = contract;
  const author = authorOfRun(contract);
  const questions: Question[] = [];
  setHandler(defineUpdate<undefined, [unknown]>(decideUpdate), (request) => decide(questions, request), {
    validator: (request) => {
      const { question, by, attestation } = boundQuestion(questions, request);
      mayClaim(question, { name: by, attestation });
    },
    description: 'Approves or rejects what the run asks for',
  });
  const approval = async (name: Name, options: PolicyApprovalOptions & Partial<ApprovalOptions>) => {
    checkDeclared(declared, name);
    const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
    // Where there is no policy the type of the options asks for it.
    const expiresIn = (policy?.expiresIn ?? options.expiresIn) as Duration;
    const times = questions.filter((earlier) => earlier.name === name).length;
    const question = ask(name, times, { evidence: options.evidence, expiresIn });
    questions.push(question);
    return policy === undefined
      ? plainDecision(questions, question)
      : untilDecided(questions, withPolicy(question, policy, author));
  };
  // Its result and options depend on the policy of the name, which the compiler cannot follow.
  return approval as AskForApproval<Name, WithPolicy>;
}

async function plainDecision(questions: readonly Question[], question: Question): Promise<Decision> {
  publishQuestions(questions);
  const decided = await condition(() => question.decision !== undefined, Date.parse(question.expiresAt) - Date.now());
  if (!decided) question.decision = { verdict: 'expired', at: now(), binding: question.binding };
  publishQuestions(questions);
  // Either the condition held or the line above set it; the compiler does not follow the mutation through `await`.
  return question.decision as Decision;
}

/** Temporal applies Updates again after a reset without asking the validator, hence the same comparison in the handler. */
function decide(questions: readonly Question[], request: unknown): undefined | Promise<undefined> {
  const bound = boundQuestion(questions, request);
  const { question, verdict, by, reason } = bound;
  if (question.policy !== undefined) return decideByPolicy(questions, bound);
  question.decision = { verdict, by, reason, at: now(), binding: question.binding };
  return undefined;
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
  return { id, name, evidence: evidence as Question['evidence'], expiresAt, binding, evidenceDigest };
}

function digest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

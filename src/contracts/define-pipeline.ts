/** A pipeline contract: what a run takes and gives, the stages it may call, the approvals it may ask for. @module */
import type { z } from 'zod';
import { type ApprovalPolicy, type ApprovalPolicyOptions, checkPolicy } from './approval-policy.js';
import type { Limits } from './budget.js';
import type { StageContract } from './define-stage.js';
import { assertSurvivesJson, type JsonObjectSchema, type JsonSchema } from './json-schema.js';
import { assertName } from './names.js';
import { assertPriority, type PriorityLevel } from './priority.js';

/** Stages by the name under which the pipeline's code calls them. */
export type Stages = Readonly<Record<string, StageContract>>;

/** Approvals: by name, or each with its policy. */
export type Approvals = readonly string[] | Readonly<Record<string, ApprovalPolicyOptions>>;

type ApprovalName<Declared extends Approvals> = Declared extends readonly (infer Name extends string)[]
  ? Name
  : Extract<keyof Declared, string>;

type NameWithPolicy<Declared extends Approvals> = Declared extends readonly string[]
  ? never
  : Extract<keyof Declared, string>;

/** What `definePipeline` takes beside the name. */
export interface PipelineOptions<
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  Used extends Stages,
  Declared extends Approvals,
> {
  readonly input: Input;
  readonly output: Output;
  readonly stages: Used;
  /** Decisions that the pipeline may wait for: names, which one person decides, or policies by name. */
  readonly approvals?: Declared;
  /** What a run may spend, unless whoever starts it says otherwise. @default unlimited */
  readonly budget?: Limits;
  /** One sentence for `--help` and Temporal's UI. */
  readonly description?: string;
  /** Of runs that are started without one. @default 3, the middle */
  readonly priority?: PriorityLevel;
}

/** A pipeline contract. */
export interface PipelineContract<
  Name extends string = string,
  Input extends JsonObjectSchema = JsonObjectSchema,
  Output extends JsonSchema = JsonSchema,
  Used extends Stages = Stages,
  Approval extends string = string,
  WithPolicy extends string = string,
> {
  /** The Workflow type. */
  readonly name: Name;
  readonly input: Input;
  readonly output: Output;
  readonly stages: Used;
  readonly approvals: readonly Approval[];
  /** Of those approvals that have one. */
  readonly policies: Readonly<Record<WithPolicy, ApprovalPolicy>>;
  readonly budget: Limits | undefined;
  readonly description: string | undefined;
  readonly priority: PriorityLevel | undefined;
}

/** What whoever starts a run passes: defaults may be left out. */
export type PipelineInput<Contract extends PipelineContract> = z.input<Contract['input']>;

/** What a run results in. */
export type PipelineOutput<Contract extends PipelineContract> = z.output<Contract['output']>;

/**
 * Declares a pipeline contract.
 * @throws TrainyardError TY1002 for a schema that does not survive JSON, TY1003 and TY2201 for a policy that cannot be, TY1006 for a bad name,
 * TY1008 for a bad priority.
 * @example
 * export const churnTraining = definePipeline('churnTraining', {
 *   input: z.object({ source: z.string(), minAuc: z.number().default(0.8) }),
 *   output: z.object({ outcome: z.enum(['deployed', 'rejected']) }),
 *   stages: { ingest, train },
 *   approvals: { promotion: { deciders: 2, roles: ['risk'], notAuthor: true, expiresIn: '21 days' } }, // or just: ['promotion']
 * });
 */
export function definePipeline<
  const Name extends string,
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  Used extends Stages,
  const Declared extends Approvals = readonly never[],
>(
  name: Name,
  options: PipelineOptions<Input, Output, Used, Declared>,
): PipelineContract<Name, Input, Output, Used, ApprovalName<Declared>, NameWithPolicy<Declared>> {
  assertName('pipeline', name);
  assertSurvivesJson(options.input, `pipeline ${name}: input`);
  assertSurvivesJson(options.output, `pipeline ${name}: output`);
  const { names, policies } = declaredApprovals(name, options.approvals ?? []);
  if (options.priority !== undefined) assertPriority(options.priority);
  return {
    name,
    input: options.input,
    output: options.output,
    stages: options.stages,
    // Both were made from `Declared`, name by name.
    approvals: names as ApprovalName<Declared>[],
    policies: policies as Record<NameWithPolicy<Declared>, ApprovalPolicy>,
    budget: options.budget,
    description: options.description,
    priority: options.priority,
  };
}

function declaredApprovals(pipeline: string, declared: Approvals) {
  const names = isList(declared) ? declared : Object.keys(declared);
  for (const approval of names) assertName('approval', approval);
  const policies = isList(declared)
    ? {}
    : Object.fromEntries(
        Object.entries(declared).map(([approval, policy]) => [
          approval,
          checkPolicy(`pipeline ${pipeline}: approval ${approval}`, policy),
        ]),
      );
  return { names, policies };
}

/** `Array.isArray` does not narrow a read-only list. */
function isList(declared: Approvals): declared is readonly string[] {
  return Array.isArray(declared);
}

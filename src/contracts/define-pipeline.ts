/** A pipeline contract: what a run takes and gives, the stages it may call, the approvals it may ask for. @module */
import type { z } from 'zod';
import type { Limits } from './budget.js';
import type { StageContract } from './define-stage.js';
import { assertSurvivesJson, type JsonObjectSchema, type JsonSchema } from './json-schema.js';
import { assertName } from './names.js';
import { assertPriority, type PriorityLevel } from './priority.js';

/** Stages by the name under which the pipeline's code calls them. */
export type Stages = Readonly<Record<string, StageContract>>;

/** What `definePipeline` takes beside the name. */
export interface PipelineOptions<
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  Used extends Stages,
  Approval extends string,
> {
  readonly input: Input;
  readonly output: Output;
  readonly stages: Used;
  /** Names of the decisions that the pipeline may wait for. */
  readonly approvals?: readonly Approval[];
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
> {
  /** The Workflow type. */
  readonly name: Name;
  readonly input: Input;
  readonly output: Output;
  readonly stages: Used;
  readonly approvals: readonly Approval[];
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
 * @throws TrainyardError TY1002 for a schema that does not survive JSON, TY1006 for a bad name, TY1008 for a bad priority.
 * @example
 * export const churnTraining = definePipeline('churnTraining', {
 *   input: z.object({ source: z.string(), minAuc: z.number().default(0.8) }),
 *   output: z.object({ outcome: z.enum(['deployed', 'rejected']) }),
 *   stages: { ingest, train },
 *   approvals: ['promotion'],
 * });
 */
export function definePipeline<
  const Name extends string,
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  Used extends Stages,
  const Approval extends string = never,
>(
  name: Name,
  options: PipelineOptions<Input, Output, Used, Approval>,
): PipelineContract<Name, Input, Output, Used, Approval> {
  assertName('pipeline', name);
  assertSurvivesJson(options.input, `pipeline ${name}: input`);
  assertSurvivesJson(options.output, `pipeline ${name}: output`);
  for (const approval of options.approvals ?? []) assertName('approval', approval);
  if (options.priority !== undefined) assertPriority(options.priority);
  return {
    name,
    input: options.input,
    output: options.output,
    stages: options.stages,
    approvals: options.approvals ?? [],
    budget: options.budget,
    description: options.description,
    priority: options.priority,
  };
}

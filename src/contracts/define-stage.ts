/** A stage contract: what a stage takes, gives and keeps, and on which pool it runs. Loads anywhere. @module */
import type { z } from 'zod';
import type { Adaptations } from './adaptations.js';
import type { PoolName, SecretName } from './define-project.js';
import { type Duration, toMilliseconds } from './duration.js';
import { assertSurvivesJson, type JsonObjectSchema, type JsonSchema } from './json-schema.js';
import { type MemorySize, toBytes } from './memory-size.js';
import { assertName } from './names.js';

/** Limits of a stage; each has a default, so that nobody must write them. */
export interface StageLimits {
  /** One attempt. @default '2 hours' on the pool `cpu`, '24 hours' elsewhere */
  readonly startToClose: Duration;
  /** Silence after which a worker counts as lost. @default '30 seconds' */
  readonly heartbeat: Duration;
  /** A living attempt without progress fails. @default '10 minutes' on the pool `cpu`, '30 minutes' elsewhere */
  readonly stall: Duration;
  /** All attempts together, waiting included. @default '7 days' */
  readonly scheduleToClose: Duration;
  /**
   * Of a trainer's process: one that wants more dies alone, as `OutOfMemory`. By a control group where the worker may make one (all
   * processes of the trainer together), else by RLIMIT_DATA (each of them); the attempt log says which. Linux. @default none
   */
  readonly memory?: MemorySize;
}

/** Makes the state of version n + 1 of that of version n, by n. */
export type CheckpointMigrations = Readonly<Record<number, (state: unknown) => unknown>>;

/** The newest `last` checkpoints of a call stay, and every `every`-th one; at least the newest two, so that a damaged one costs little. */
export interface CheckpointsKept {
  readonly last: number;
  readonly every?: number;
}

/** What `defineStage` takes beside the name. */
export interface StageOptions<
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  State extends JsonSchema,
  Pool extends PoolName,
  Secret extends SecretName,
> {
  readonly pool: Pool;
  readonly input: Input;
  readonly output: Output;
  /** The state that a checkpoint carries beside its files. A stage without it saves none. */
  readonly checkpoint?: State;
  /** Version of that state. A checkpoint of another version is migrated, or refused. @default 1 */
  readonly checkpointVersion?: number;
  /** Makes the state of version n + 1 of that of version n, by n; pure. @default none */
  readonly migrations?: CheckpointMigrations;
  /** Which checkpoints stay while the stage runs. @default { last: 3 } */
  readonly keep?: CheckpointsKept;
  /** What changes before the next try, after a failure that the same input would meet again. @default none: such a failure ends the stage */
  readonly adaptations?: Adaptations<Input>;
  /** Raise it where the same input should give something else: results of other versions are not used again. @default 1 */
  readonly version?: number;
  /** Whether the result for the same input, code and packages is used again instead of being made again. @default false */
  readonly cache?: boolean;
  readonly limits?: Partial<StageLimits>;
  /** Secrets of the project that the stage's code may read. */
  readonly secrets?: readonly Secret[];
  /** One sentence for Temporal's UI. */
  readonly description?: string;
}

/** A stage contract. `Pool` and `Secret` are literal, so that code that breaks them does not compile. */
export interface StageContract<
  Name extends string = string,
  Input extends JsonObjectSchema = JsonObjectSchema,
  Output extends JsonSchema = JsonSchema,
  State extends JsonSchema = JsonSchema,
  Pool extends string = string,
  Secret extends string = string,
> {
  /** The Activity type. */
  readonly name: Name;
  readonly pool: Pool;
  readonly input: Input;
  readonly output: Output;
  readonly checkpoint: State | undefined;
  readonly checkpointVersion: number;
  readonly migrations: CheckpointMigrations;
  readonly keep: CheckpointsKept;
  readonly adaptations: Adaptations<Input>;
  readonly version: number;
  readonly cache: boolean;
  readonly limits: StageLimits;
  readonly secrets: readonly Secret[];
  readonly description: string | undefined;
}

/** What a caller passes to a stage: defaults may be left out. */
export type StageInput<Contract extends StageContract> = z.input<Contract['input']>;

/** What a stage gives back. */
export type StageOutput<Contract extends StageContract> = z.output<Contract['output']>;

/** The state in a stage's checkpoints; `never` where the contract declares none. */
export type StageState<Contract extends StageContract> = z.output<NonNullable<Contract['checkpoint']>>;

/**
 * Declares a stage contract.
 * @param name the Activity type: unique within a project.
 * @throws TrainyardError TY1002 for a schema that does not survive JSON, TY1006 for a bad name, TY1001 for a bad limit.
 * @example
 * export const train = defineStage('train', {
 *   pool: 'gpu',
 *   input: z.object({ dataset: DatasetRef.of(Customer), epochs: z.int().positive().default(20) }),
 *   output: z.object({ model: ModelRef.of({ input: Customer, output: Score }), loss: z.number() }),
 *   checkpoint: z.object({ epoch: z.int(), loss: z.number() }),
 * });
 */
export function defineStage<
  const Name extends string,
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  const Pool extends PoolName,
  State extends JsonSchema = z.ZodNever,
  const Secret extends SecretName = never,
>(
  name: Name,
  options: StageOptions<Input, Output, State, Pool, Secret>,
): StageContract<Name, Input, Output, State, Pool, Secret> {
  assertName('stage', name);
  assertSurvivesJson(options.input, `stage ${name}: input`);
  assertSurvivesJson(options.output, `stage ${name}: output`);
  if (options.checkpoint) assertSurvivesJson(options.checkpoint, `stage ${name}: checkpoint`);
  const limits = { ...defaultLimits(options.pool), ...options.limits };
  const { memory, ...times } = limits;
  for (const limit of Object.values(times)) toMilliseconds(limit);
  if (memory !== undefined) toBytes(memory);
  return {
    name,
    pool: options.pool,
    input: options.input,
    output: options.output,
    checkpoint: options.checkpoint,
    checkpointVersion: options.checkpointVersion ?? 1,
    migrations: options.migrations ?? {},
    keep: options.keep ?? { last: 3 },
    adaptations: options.adaptations ?? {},
    version: options.version ?? 1,
    cache: options.cache ?? false,
    limits,
    secrets: options.secrets ?? [],
    description: options.description,
  };
}

function defaultLimits(pool: string): StageLimits {
  const brief = pool === 'cpu';
  return {
    startToClose: brief ? '2 hours' : '24 hours',
    heartbeat: '30 seconds',
    stall: brief ? '10 minutes' : '30 minutes',
    scheduleToClose: '7 days',
  };
}

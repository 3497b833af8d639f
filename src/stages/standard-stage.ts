/** What the standard stages share: the options of their factories, and how one becomes a contract. @module */
import type { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { defineStage, type StageContract, type StageLimits, type StageOptions } from '../contracts/define-stage.js';
import type { JsonObjectSchema, JsonSchema } from '../contracts/json-schema.js';
import type { ColumnName } from './column-name.js';

/** What every factory takes. */
export interface StandardOptions<Name extends string, Pool extends PoolName> {
  /** @default as the stage is called */
  readonly name?: Name;
  /** @default 'cpu', of training 'gpu' */
  readonly pool?: Pool;
  readonly limits?: Partial<StageLimits>;
}

/** What the factory of a stage about a model takes. */
export interface TargetOptions<
  Row extends RowSchema,
  Target extends ColumnName<Row>,
  Name extends string,
  Pool extends PoolName,
> extends StandardOptions<Name, Pool> {
  readonly row: Row;
  /** The column that the model predicts: a boolean for a classifier, a number for a regressor. */
  readonly target: Target;
}

/** Any contract that a factory makes: its input is at least `Input`. What implementations rely on. */
export type StageFamily<Input, Output extends JsonSchema, State extends JsonSchema = z.ZodNever> = StageContract<
  string,
  z.ZodType<Input & z.output<JsonObjectSchema>, z.input<JsonObjectSchema>>,
  Output,
  State,
  string,
  never
>;

/** The contract of a standard stage, under its own name and pool unless the options say otherwise. Throws like {@link defineStage}. */
export function standardStage<
  Name extends string,
  Pool extends PoolName,
  Input extends JsonObjectSchema,
  Output extends JsonSchema,
  State extends JsonSchema = z.ZodNever,
>(
  own: { readonly name: string; readonly pool: 'cpu' | 'gpu' },
  { name, pool, limits }: StandardOptions<Name, Pool>,
  parts: Omit<StageOptions<Input, Output, State, Pool, never>, 'pool' | 'limits' | 'secrets'>,
): StageContract<Name, Input, Output, State, Pool, never> {
  // A type argument that nobody gave is its default, which is the stage's own.
  return defineStage(name ?? (own.name as Name), { ...parts, pool: pool ?? (own.pool as Pool), limits });
}

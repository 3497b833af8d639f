/** The stage `validate`: a dataset against what it should be like. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ReportRef } from '../contracts/refs.js';
import { type Expectation, expectationOf, ValidationReport } from './expectations.js';
import { type StageFamily, type StandardOptions, standardStage } from './standard-stage.js';

/** What `validateStage` takes. */
export interface ValidateOptions<
  Row extends RowSchema,
  Name extends string,
  Pool extends PoolName,
> extends StandardOptions<Name, Pool> {
  readonly row: Row;
  /** Used by every call that brings none of its own. */
  readonly expectations?: z.input<ReturnType<typeof expectationOf<Row>>>[];
}

const Validation = z.object({
  report: ReportRef.of(ValidationReport),
  /** Whether every expectation of severity `error` holds. */
  passed: z.boolean(),
  /** Expectations that do not hold, by severity. */
  failures: z.int().nonnegative(),
  warnings: z.int().nonnegative(),
});

/** What any contract of {@link validateStage} takes: what `validateTables` relies on. */
export interface ValidateInput {
  readonly dataset: DatasetRef;
  readonly expectations: readonly Expectation[];
  readonly failOn: 'error' | 'never';
}

/** Any contract that {@link validateStage} makes. */
export type ValidateContract = StageFamily<ValidateInput, typeof Validation>;

/**
 * A contract of the stage `validate`; `validateTables` implements it. Input: `dataset`, `expectations` (default: those of the
 * contract), and `failOn`: `error` (the default) fails the stage when one of that severity does not hold, `never` leaves
 * the decision to the pipeline, by `passed`.
 * @example
 * export const validate = validateStage({
 *   row: Flight,
 *   expectations: [
 *     { expect: 'between', column: 'distance', min: 1, max: 10_000 },
 *     { expect: 'classBalance', column: 'late', min: 0.05, severity: 'warning' },
 *   ],
 * });
 */
export function validateStage<
  Row extends RowSchema,
  const Name extends string = 'validate',
  const Pool extends PoolName = 'cpu',
>(options: ValidateOptions<Row, Name, Pool>) {
  const { row } = options;
  const expectations = z.array(expectationOf(row));
  return standardStage({ name: 'validate', pool: 'cpu' }, options, {
    description: 'Checks a dataset against expectations',
    input: z.object({
      dataset: DatasetRef.of(row),
      expectations: expectations.default(expectations.parse(options.expectations ?? [])),
      failOn: z.enum(['error', 'never']).default('error'),
    }),
    output: Validation,
  });
}

/** The stage `watchErrors`: whether a model errs more than it did, and whether it errs more with some than with others. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ModelRef, Ref } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { scores, taskOf } from './task.js';

const figure = z.number().nullable();

/** What the stage finds. */
export const ErrorWatch = z.object({
  /** Rows with labels. */
  rows: z.int().nonnegative(),
  /** Of a classifier the share of wrong answers, of a regressor the mean absolute error in the target's unit. */
  meanError: z.number().nonnegative(),
  /** Where a detector found that the mean error has moved: the row, counted among those with labels, the mean by then, and which way. */
  changes: z.array(
    z.object({
      detector: z.enum(['ADWIN', 'Page–Hinkley']),
      row: z.int().nonnegative(),
      mean: z.number(),
      rose: z.boolean(),
    }),
  ),
  /** Since the mean error rose, in this call or an earlier one, until a call's mean is no higher: the mean that it rose from. Else null. */
  decayedFrom: z.number().nullable(),
  /** What the detectors know by now: the next call goes on from there. */
  detectors: Ref,
  /** Classifiers: by column, whether groups are treated alike; null where there are fewer than two groups. */
  groups: z.array(
    z.object({
      column: z.string(),
      demographicParity: z.object({ difference: figure, ratio: figure, fourFifths: z.boolean().nullable() }),
      equalizedOdds: z.object({ difference: figure, ratio: figure }),
    }),
  ),
});
export type ErrorWatch = z.output<typeof ErrorWatch>;

/** What any contract that {@link watchErrorsStage} makes gives its implementation. */
export interface WatchErrorsInput {
  readonly model: ModelRef;
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly split: string;
  readonly target: string;
  readonly groups: readonly string[];
  readonly threshold: number;
  readonly detectors?: Ref | undefined;
}

/** Any contract that {@link watchErrorsStage} makes. */
export type WatchErrorsContract = StageFamily<WatchErrorsInput, typeof ErrorWatch>;

/**
 * A contract of the stage `watchErrors`; `watchModelErrors` implements it. Input: the model, the dataset with its rows in the order of time, and
 * - `split` (default `batch`),
 * - `detectors`: what the call before returned; without it they begin anew,
 * - `groups`: columns whose values must be treated alike; classifiers only,
 * - `threshold` above which a probability counts as a positive answer (default 0.5).
 * @throws TrainyardError TY2040 for a target that is neither a boolean nor a number.
 * @example
 * export const watchErrors = watchErrorsStage({ row: Flight, target: 'late' });
 * // in a look: const { changes, detectors } = await stages.watchErrors({ model, dataset, detectors: before });
 */
export function watchErrorsStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'watchErrors',
  const Pool extends PoolName = 'cpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  return standardStage({ name: 'watchErrors', pool: 'cpu' }, options, {
    description: `Watches the errors of a model of ${target}`,
    input: z.object({
      model: ModelRef.of({ input: row, output: scores[taskOf(row, target)] }),
      dataset: DatasetRef.of(row),
      split: z.string().default('batch'),
      target: z.literal(target).default(target),
      groups: z.array(columnName(row)).default([]),
      threshold: z.number().min(0).max(1).default(0.5),
      detectors: Ref.optional(),
    }),
    output: ErrorWatch,
  });
}

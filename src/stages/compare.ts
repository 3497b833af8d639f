/** The stage `compare`: a challenger against a champion on the same rows, with how sure the difference is. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { Comparison } from '../contracts/loop-rounds.js';
import { DatasetRef, ModelRef } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { scores, taskOf } from './task.js';

/** What any contract that {@link compareStage} makes gives its implementation. */
export interface CompareInput {
  readonly challenger: ModelRef;
  readonly champion: ModelRef;
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly split: string;
  readonly target: string;
  readonly groups: readonly string[];
  readonly threshold: number;
  readonly confidence: number;
  readonly seed: number;
}

/** Any contract that {@link compareStage} makes. */
export type CompareContract = StageFamily<CompareInput, typeof Comparison>;

/**
 * A contract of the stage `compare`; `compareModels` implements it. Input: both models, the dataset, and
 * - `split` with rows that neither was trained on (default `fresh`),
 * - `groups`: columns whose values must be treated alike; classifiers only,
 * - `threshold` above which a probability counts as a positive answer (default 0.5),
 * - `confidence` of the interval (default 0.95), and the `seed` of its resamples (default 0).
 *
 * A classifier is judged by its AUC, a regressor by its root mean squared error.
 * @throws TrainyardError TY2040 for a target that is neither a boolean nor a number.
 * @example
 * export const compare = compareStage({ row: Flight, target: 'late' });
 * // in a loop: stages.compare({ challenger, champion, dataset, groups: ['origin'] })
 */
export function compareStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'compare',
  const Pool extends PoolName = 'cpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  const model = ModelRef.of({ input: row, output: scores[taskOf(row, target)] });
  return standardStage({ name: 'compare', pool: 'cpu' }, options, {
    description: `Compares two models of ${target} on the same rows`,
    input: z.object({
      challenger: model,
      champion: model,
      dataset: DatasetRef.of(row),
      split: z.string().default('fresh'),
      target: z.literal(target).default(target),
      groups: z.array(columnName(row)).default([]),
      threshold: z.number().min(0).max(1).default(0.5),
      confidence: z.number().min(0.5).max(0.999).default(0.95),
      seed: z
        .int()
        .nonnegative()
        .max(2 ** 32 - 1)
        .default(0),
    }),
    output: Comparison,
  });
}

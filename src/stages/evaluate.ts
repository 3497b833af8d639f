/** The stage `evaluate`: how good a model is on rows that it was not trained on, by slice and against a baseline. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ModelRef, ReportRef } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { ClassificationReport, RegressionReport } from './evaluation-report.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { scores, type Task, taskOf, type TaskOf } from './task.js';

const share = z.number().min(0).max(1);

/** For a single row, asked alone, on the machine that evaluated; absent for a split of a dozen rows. It stands beside the report, which is the same for the same input. */
const latencyMs = z.object({ p50: z.number().nonnegative(), p95: z.number().nonnegative() }).optional();

/** What evaluating a classifier gives. */
const ClassificationEvaluation = z.object({
  auc: share,
  prAuc: share,
  logLoss: z.number().nonnegative(),
  accuracy: share,
  f1: share,
  brier: share,
  calibrationError: share,
  rows: z.int().positive(),
  baselineAuc: share,
  latencyMs,
  report: ReportRef.of(ClassificationReport),
});

/** What evaluating a regressor gives. */
const RegressionEvaluation = z.object({
  rmse: z.number().nonnegative(),
  mae: z.number().nonnegative(),
  r2: z.number().max(1),
  rows: z.int().positive(),
  baselineRmse: z.number().nonnegative(),
  latencyMs,
  report: ReportRef.of(RegressionReport),
});

const evaluations = { classification: ClassificationEvaluation, regression: RegressionEvaluation } as const;

/** What `evaluate` gives for each task. */
export type Evaluation<Of extends Task = Task> = z.output<(typeof evaluations)[Of]>;

type EvaluationSchema<Of extends Task> = z.ZodType<Evaluation<Of>, Evaluation<Of>>;

/** Of which kind the refs of any contract that {@link evaluateStage} makes are: what implementations rely on. */
export interface EvaluateInput {
  readonly model: ModelRef;
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly split: string;
  readonly trainSplit: string;
  readonly target: string;
  readonly slices: readonly string[];
  readonly threshold: number;
  readonly baseline: { readonly by: readonly string[] };
}

/** Any contract that {@link evaluateStage} makes. */
export type EvaluateContract = StageFamily<EvaluateInput, EvaluationSchema<Task>>;

/**
 * A contract of the stage `evaluate`; `evaluateModel` implements it. Input: the model, the dataset, and
 * - `split` to evaluate on (default `test`),
 * - `slices`: columns by whose values everything is reported again,
 * - `threshold` above which a probability counts as positive (default 0.5),
 * - `baseline.by`: the model has to beat the mean of the target for each combination of these columns' values, taken from
 *   `trainSplit` (default `train`); without columns that is one mean for all rows.
 * @throws TrainyardError TY2040 for a target that is neither a boolean nor a number.
 * @example
 * export const evaluate = evaluateStage({ row: Flight, target: 'late' });
 * // in a pipeline: const { auc, baselineAuc } = await stages.evaluate({ model, dataset, baseline: { by: ['hour'] } });
 */
export function evaluateStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'evaluate',
  const Pool extends PoolName = 'cpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  const task = taskOf(row, target);
  const columns = z.array(columnName(row));
  return standardStage({ name: 'evaluate', pool: 'cpu' }, options, {
    description: `Evaluates a model of ${target} on held-out rows`,
    input: z.object({
      model: ModelRef.of({ input: row, output: scores[task] }),
      dataset: DatasetRef.of(row),
      split: z.string().default('test'),
      trainSplit: z.string().default('train'),
      target: z.literal(target).default(target),
      slices: columns.default([]),
      threshold: share.default(0.5),
      baseline: z.object({ by: columns.default([]) }).default({ by: [] }),
    }),
    // Chosen by a task that is open until Row and Target are known.
    output: evaluations[task] as unknown as EvaluationSchema<TaskOf<Row, Target>>,
  });
}

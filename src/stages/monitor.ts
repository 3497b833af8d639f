/** The stage `monitor`: whether a later batch still looks like what a model was trained on. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ModelRef, ReportRef } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { DriftReport, DriftThresholds } from './drift-report.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { scores, taskOf } from './task.js';
import { unlabelled } from './unlabelled.js';

/** What monitoring a batch gives; a few numbers and the report's ref. */
export const Monitoring = z.object({
  verdict: z.enum(['stable', 'drift']),
  /** Why it is drift, in words; empty when stable. */
  reasons: z.array(z.string()),
  driftedColumns: z.array(z.string()),
  /** The column that moved most by its population stability index, that of its missing values included. */
  worst: z.object({ column: z.string(), psi: z.number().nonnegative() }),
  /** How the model's answers moved. */
  prediction: z.object({ drifted: z.boolean(), psi: z.number().nonnegative() }),
  /** Mean label of the batch minus the reference's; this and what follows only where the batch has labels. */
  labelShift: z.number().optional(),
  /** Expected calibration error in the batch minus that in the reference. */
  calibrationShift: z.number().optional(),
  /** Of the model on the batch; absent where the batch has one class only. */
  auc: z.number().min(0).max(1).optional(),
  /** Of the reference's mean label by group, where `baseline` asks for it. */
  naiveAuc: z.number().min(0).max(1).optional(),
  /** Regressors: of the model on the batch, in the target's unit. */
  rmse: z.number().nonnegative().optional(),
  naiveRmse: z.number().nonnegative().optional(),
  report: ReportRef.of(DriftReport),
});
export type Monitoring = z.output<typeof Monitoring>;

/** What any contract that {@link monitorStage} makes gives its implementation. */
export interface MonitorInput {
  readonly model: ModelRef;
  readonly reference: { readonly dataset: DatasetRef<Record<string, unknown>>; readonly split: string };
  readonly batch: { readonly dataset: DatasetRef<Record<string, unknown>>; readonly split: string };
  readonly target: string;
  readonly columns?: readonly string[] | undefined;
  readonly thresholds: DriftThresholds;
  readonly baseline?: { readonly by: readonly string[] } | undefined;
}

/** Any contract that {@link monitorStage} makes. */
export type MonitorContract = StageFamily<MonitorInput, z.ZodType<Monitoring, Monitoring>>;

/**
 * A contract of the stage `monitor`; `monitorBatch` implements it. Input: the model, and
 * - `reference`: the dataset and split that the model was fitted on,
 * - `batch`: the later dataset and split; its labels may be missing, wholly or in some rows,
 * - `columns` to compare (default: those that the model takes),
 * - `thresholds`, see `DriftThresholds`,
 * - `baseline.by`: also score the reference's mean label for each combination of these columns' values, on the batch.
 *
 * The verdict is `drift` when the share of drifted columns reaches `thresholds.driftedShare`, or the model's answers drift.
 * @throws TrainyardError TY2040 for a target that is neither a boolean nor a number.
 * @example
 * export const monitor = monitorStage({ row: Flight, target: 'late' });
 * // in a pipeline: await stages.monitor({ model, reference: { dataset, split: 'train' }, batch: { dataset, split: 'july' } });
 */
export function monitorStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'monitor',
  const Pool extends PoolName = 'cpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  const columns = z.array(columnName(row)).min(1);
  return standardStage({ name: 'monitor', pool: 'cpu' }, options, {
    description: `Compares a later batch with what the model of ${target} was trained on`,
    input: z.object({
      model: ModelRef.of({ input: row, output: scores[taskOf(row, target)] }),
      reference: z.object({ dataset: DatasetRef.of(row), split: z.string().default('train') }),
      batch: z.object({ dataset: unlabelled(row, target), split: z.string() }),
      target: z.literal(target).default(target),
      columns: columns.optional(),
      thresholds: DriftThresholds.default(DriftThresholds.parse({})),
      baseline: z.object({ by: columns }).optional(),
    }),
    output: Monitoring,
  });
}

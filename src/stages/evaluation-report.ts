/** What an evaluation finds: the metrics and the JSON report behind `evaluate`'s and `monitor`'s refs. @module */
import { z } from 'zod';
import { Sha256 } from '../contracts/refs.js';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();

/** How good probabilities and the classes that follow from them are; formulas as in scikit-learn. */
export const ClassificationMetrics = z.object({
  rows: count,
  positives: count,
  /** Null where the rows have one class only; `undefinedBecause` says which. */
  auc: share.nullable(),
  /** Average precision; null where no row is positive. */
  prAuc: share.nullable(),
  undefinedBecause: z.string().optional(),
  /** Nats. */
  logLoss: z.number().nonnegative(),
  brier: share,
  /** Expected calibration error over ten bins of equal width. */
  calibrationError: share,
  accuracy: share,
  /** Of the positive class; 0 where there is nothing to divide by. */
  precision: share,
  recall: share,
  f1: share,
  confusion: z.object({ trueNegatives: count, falsePositives: count, falseNegatives: count, truePositives: count }),
});
export type ClassificationMetrics = z.output<typeof ClassificationMetrics>;

/** How far predictions are from the target, in its unit. */
export const RegressionMetrics = z.object({
  rows: count,
  rmse: z.number().nonnegative(),
  mae: z.number().nonnegative(),
  /** Null for a single row. */
  r2: z.number().max(1).nullable(),
  /** Mean of prediction minus target. */
  bias: z.number(),
});
export type RegressionMetrics = z.output<typeof RegressionMetrics>;

/** A part of the rows: those with one value of a column, or with a value in one range of it. */
const slice = { column: z.string(), value: z.string() };

const about = {
  version: z.literal(1),
  model: Sha256,
  dataset: Sha256,
  split: z.string(),
  target: z.string(),
  /** Rows left out because they have no label. */
  unlabelledRows: count,
  /** Slices beyond the hundred largest of each column. */
  slicesLeftOut: count,
};

const baseline = { by: z.array(z.string()), trainSplit: z.string(), groups: count };

/** The points of a reliability diagram; empty bins are left out. */
export const CalibrationBins = z.array(
  z.object({ lower: share, upper: share, count, meanProbability: share, positiveShare: share }),
);
export type CalibrationBins = z.output<typeof CalibrationBins>;

/** Behind `evaluate`'s report of a classifier. */
export const ClassificationReport = z.object({
  ...about,
  task: z.literal('classification'),
  /** A probability above it counts as positive. */
  threshold: share,
  metrics: ClassificationMetrics,
  baseline: z.object({ ...baseline, metrics: ClassificationMetrics }),
  slices: z.array(ClassificationMetrics.extend(slice)),
  calibration: CalibrationBins,
  /** At most 200 points from (0, 0) to (1, 1); the first one's threshold is infinite, written as null. */
  roc: z.array(z.object({ threshold: z.number().nullable(), falsePositiveRate: share, truePositiveRate: share })),
});
export type ClassificationReport = z.output<typeof ClassificationReport>;

/** Behind `evaluate`'s report of a regressor. */
export const RegressionReport = z.object({
  ...about,
  task: z.literal('regression'),
  metrics: RegressionMetrics,
  baseline: z.object({ ...baseline, metrics: RegressionMetrics }),
  slices: z.array(RegressionMetrics.extend(slice)),
});
export type RegressionReport = z.output<typeof RegressionReport>;

/** What monitoring finds: the thresholds, how each column moved, and the JSON report behind `monitor`'s ref. @module */
import { z } from 'zod';
import { Sha256 } from '../contracts/refs.js';
import { CalibrationBins, ClassificationMetrics, RegressionMetrics } from './evaluation-report.js';

const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
const distance = z.number().nonnegative();

/** From where on a column counts as drifted; the defaults are Evidently's, and Siddiqi's for the PSI. */
export const DriftThresholds = z.object({
  /** Wasserstein-1 distance of a numeric column in standard deviations of the reference. */
  wasserstein: z.number().positive().default(0.1),
  /** Jensen–Shannon distance, logarithms to base 2. */
  jensenShannon: z.number().positive().default(0.1),
  /** Population stability index. */
  psi: z.number().positive().default(0.2),
  /** Samples of at most this many values are tested instead: effect sizes of few values are mostly chance. */
  smallSample: count.default(1000),
  /** A p-value below it decides in small samples, and there only: in large ones everything is significant. */
  pValue: share.default(0.05),
  /** Share of drifted columns that makes a batch drift. */
  driftedShare: z.number().positive().max(1).default(0.5),
});
export type DriftThresholds = z.output<typeof DriftThresholds>;

const Sample = z.object({ values: count, missing: count, missingShare: share });

/** How one column of the batch differs from the reference's. Missing values are compared apart from the others. */
export const ColumnDrift = z.object({
  column: z.string(),
  /** Booleans and strings are categorical. */
  kind: z.enum(['numeric', 'categorical']),
  reference: Sample,
  batch: Sample,
  /** What decided; `missing values` where one side has no others. */
  decidedBy: z.enum(['effect sizes', 'p-values', 'missing values']),
  drifted: z.boolean(),
  /** Each measure that reached its threshold, in words. */
  reasons: z.array(z.string()),
  /** Over ten bins of equal shares of the reference, or over the categories. This and all that follows: null where one side has no values. */
  psi: distance.nullable(),
  jensenShannon: share.nullable(),
  /** Numeric columns: in standard deviations of the reference. */
  wasserstein: distance.nullable(),
  /** Numeric columns. */
  kolmogorovSmirnov: z.object({ statistic: share, pValue: share, method: z.enum(['exact', 'asymptotic']) }).nullable(),
  /** Categorical columns. */
  chiSquare: z.object({ statistic: distance, pValue: share, degreesOfFreedom: count }).nullable(),
  /** The shares of missing values as two categories. */
  missing: z.object({ psi: distance, jensenShannon: share, pValue: share }),
  /** Shares of both samples: bins of a numeric column (the last one is open: null), or the 20 categories that moved most. */
  shares: z.array(
    z.object({
      upTo: z.number().nullable().optional(),
      category: z.string().optional(),
      reference: share,
      batch: share,
    }),
  ),
});
export type ColumnDrift = z.output<typeof ColumnDrift>;

const Table = z.object({ dataset: Sha256, split: z.string(), rows: count, comparedRows: count });

/** How well answers fit the labels that are known. */
export const Performance = z.discriminatedUnion('task', [
  z.object({ task: z.literal('classification'), metrics: ClassificationMetrics, calibration: CalibrationBins }),
  z.object({ task: z.literal('regression'), metrics: RegressionMetrics }),
]);
export type Performance = z.output<typeof Performance>;

/** Behind `monitor`'s report. */
export const DriftReport = z.object({
  version: z.literal(1),
  model: Sha256,
  /** Above `comparedRows` = a million the rows are a sample: one drawn from each of as many equal spans of the split. */
  reference: Table,
  batch: Table,
  thresholds: DriftThresholds,
  verdict: z.enum(['stable', 'drift']),
  reasons: z.array(z.string()),
  columns: z.array(ColumnDrift),
  /** The model's answers, compared like a column. */
  prediction: ColumnDrift,
  /** Absent where the batch has no labels. */
  label: z
    .object({
      drift: ColumnDrift,
      /** Means of the labels (of a boolean: the share of true ones), and how far the batch's is above the reference's. */
      referenceMean: z.number(),
      batchMean: z.number(),
      shift: z.number(),
    })
    .optional(),
  /** Absent where the batch has no labels. */
  performance: z
    .object({
      reference: Performance,
      batch: Performance,
      /** Expected calibration error in the batch minus that in the reference; classifiers only. */
      calibrationShift: z.number().optional(),
      /** The reference's mean label for each combination of these columns' values, as answers to the batch. */
      naive: z.object({ by: z.array(z.string()), groups: count, performance: Performance }).optional(),
    })
    .optional(),
});
export type DriftReport = z.output<typeof DriftReport>;

/** Evaluation reports of a test: one model, and one with another AUC. @module */
import type { ClassificationReport } from '../../src/stages/evaluation-report.js';

const sha = (digit: string) => digit.repeat(64);

/** A report of a classifier, worse or better by `by`. */
export function reportOf(by: number, { model = '1', dataset = 'd' } = {}): ClassificationReport {
  const metrics = (shift: number, rows = 8_400) => ({
    rows,
    positives: Math.round(rows / 4),
    auc: 0.84 + by + shift,
    prAuc: 0.61 + by + shift,
    logLoss: 0.41 - by - shift,
    brier: 0.13 - by / 2,
    calibrationError: 0.021,
    accuracy: 0.82 + by + shift,
    precision: 0.7,
    recall: 0.55,
    f1: 0.616,
    confusion: { trueNegatives: 5_800, falsePositives: 500, falseNegatives: 945, truePositives: 1_155 },
  });
  return {
    version: 1,
    model: sha(model),
    dataset: sha(dataset),
    split: 'test',
    target: 'churned',
    unlabelledRows: 0,
    slicesLeftOut: 0,
    task: 'classification',
    threshold: 0.5,
    metrics: metrics(0),
    baseline: { by: ['plan'], trainSplit: 'train', groups: 4, metrics: metrics(-0.2 - by) },
    slices: [
      { column: 'plan', value: 'basic', ...metrics(0.01, 5_200) },
      { column: 'plan', value: 'premium', ...metrics(by > 0 ? -0.08 : 0, 2_100) },
      { column: 'region', value: '<b>north</b>', ...metrics(-0.02, 1_100) },
    ],
    calibration: [0.05, 0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95].map((share, at) => ({
      lower: Math.max(0, share - 0.05),
      upper: Math.min(1, share + 0.05),
      count: 2_400 - 220 * at,
      meanProbability: share,
      positiveShare: Math.min(1, share * 1.06),
    })),
    roc: [
      { threshold: null, falsePositiveRate: 0, truePositiveRate: 0 },
      { threshold: 0, falsePositiveRate: 1, truePositiveRate: 1 },
    ],
  };
}

/** All metrics of a set of predictions at once; undefined ones are null with the reason. @module */
import { setImmediate } from 'node:timers/promises';
import type { ClassificationMetrics, RegressionMetrics } from '../../src/stages/evaluation-report.js';
import { accuracy, classScores, confusionMatrix } from '../../src/statistics/classification.js';
import { brierScore, expectedCalibrationError, logLoss } from '../../src/statistics/probabilities.js';
import { averagePrecision, rocAuc } from '../../src/statistics/ranking.js';
import { meanAbsoluteError, rootMeanSquaredError, rSquared } from '../../src/statistics/regression.js';

/** Float64 throughout: log loss near 0 and 1, and sums over millions of rows, need it. */
type Values = Float64Array;

/**
 * Metrics of a classifier of two classes, equal to scikit-learn's. Leaves the event loop to others between the two that
 * sort: each takes 0.1 s for a million rows.
 * @param labels 0 or 1; one or more.
 * @param probabilities Of label 1, in [0, 1].
 * @param threshold A probability above it counts as positive.
 */
export async function classificationMetrics(
  labels: Values,
  probabilities: Values,
  threshold: number,
): Promise<ClassificationMetrics> {
  const positives = labels.reduce((total, label) => total + label, 0);
  const single = positives === 0 ? 'negatives' : positives === labels.length ? 'positives' : undefined;
  const auc = single === undefined ? rocAuc(labels, probabilities) : null;
  await setImmediate();
  const prAuc = positives > 0 ? averagePrecision(labels, probabilities) : null;
  await setImmediate();
  const matrix = confusionMatrix(
    labels,
    probabilities.map((probability) => (probability > threshold ? 1 : 0)),
  );
  const [[trueNegatives = 0, falsePositives = 0] = [], [falseNegatives = 0, truePositives = 0] = []] = matrix;
  const { precision, recall, f1 } = classScores(matrix)[1] ?? { precision: 0, recall: 0, f1: 0 };
  return {
    rows: labels.length,
    positives,
    auc,
    prAuc,
    ...(single && { undefinedBecause: `there are only ${single}` }),
    logLoss: logLoss(labels, probabilities),
    brier: brierScore(labels, probabilities),
    calibrationError: expectedCalibrationError(labels, probabilities),
    accuracy: accuracy(matrix),
    precision,
    recall,
    f1,
    confusion: { trueNegatives, falsePositives, falseNegatives, truePositives },
  };
}

/** Metrics of a regressor, equal to scikit-learn's; one row or more. */
export function regressionMetrics(actual: Values, predicted: Values): RegressionMetrics {
  return {
    rows: actual.length,
    rmse: rootMeanSquaredError(actual, predicted),
    mae: meanAbsoluteError(actual, predicted),
    r2: actual.length > 1 ? rSquared(actual, predicted) : null,
    bias: predicted.reduce((total, prediction, i) => total + prediction - (actual[i] ?? 0), 0) / actual.length,
  };
}

/** How often predicted classes are right: the confusion matrix and what follows from it. @module */

import { at, requireClasses, requirePairs } from './samples.js';
import type { Numbers } from './samples.js';

/** Counts: one row for each actual class, one column for each predicted class. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Each in [0, 1]; 0 where there is nothing to divide by. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * How often each actual class was predicted as each class. Agrees with scikit-learn's `confusion_matrix`. Matrices of
 * batches may be added.
 * @param actual 0 … classCount - 1 for each observation.
 * @param predicted Likewise.
 * @throws RangeError on empty or unequal input, or a class out of range.
 */
export function confusionMatrix(actual: Numbers, predicted: Numbers, { classCount = 2 } = {}): number[][] {
  requirePairs(actual, 'actual', predicted, 'predicted');
  requireClasses(actual, 'actual', classCount);
  requireClasses(predicted, 'predicted', classCount);
  const counts = new Float64Array(classCount * classCount);
  for (let i = 0; i < actual.length; i++) {
    const cell = at(actual, i) * classCount + at(predicted, i);
    counts[cell] = at(counts, cell) + 1;
  }
  return Array.from({ length: classCount }, (_, row) => [...counts.subarray(row * classCount, (row + 1) * classCount)]);
}

/**
 * The share of right predictions, in [0, 1]. Agrees with scikit-learn's `accuracy_score`.
 * @throws RangeError when the matrix counts nothing.
 */
export function accuracy(matrix: ConfusionMatrix): number {
  let right = 0;
  let total = 0;
  matrix.forEach((counts, actual) => {
    counts.forEach((count, predicted) => {
      total += count;
      if (actual === predicted) right += count;
    });
  });
  if (total === 0) throw new RangeError('the confusion matrix counts no observation');
  return right / total;
}

/**
 * Precision, recall and F1 of each class, by class; the scores of a binary classifier are those of class 1. Agrees
 * with scikit-learn's `precision_recall_fscore_support(zero_division=0)`.
 */
export function classScores(matrix: ConfusionMatrix): ClassScores[] {
  return matrix.map((counts, k) => {
    const hits = counts[k] ?? 0;
    const actual = counts.reduce((total, count) => total + count, 0);
    const predicted = matrix.reduce((total, row) => total + (row[k] ?? 0), 0);
    return {
      precision: ratio(hits, predicted),
      recall: ratio(hits, actual),
      f1: ratio(2 * hits, actual + predicted),
    };
  });
}

/**
 * The unweighted mean over classes. Agrees with scikit-learn's `average='macro'` over the same classes (`labels=`).
 * @throws RangeError when there is no class.
 */
export function macroAverage(scores: readonly ClassScores[]): ClassScores {
  if (scores.length === 0) throw new RangeError('scores must hold at least one class');
  const mean = (key: keyof ClassScores): number => scores.reduce((total, each) => total + each[key], 0) / scores.length;
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

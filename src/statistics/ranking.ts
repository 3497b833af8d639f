/** How well scores rank the positives above the negatives, whatever the threshold. @module */

import { at, requireClasses, requireFinite, requirePairs } from './samples.js';
import type { Numbers } from './samples.js';
import { requireClassProbabilities } from './probabilities.js';

/** How many positives and negatives score at or above each distinct score, from the highest score down. */
interface ThresholdCounts {
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * The area under the ROC curve, in [0, 1]: the chance that a random positive scores above a random negative, ties
 * counted half. Agrees with scikit-learn's `roc_auc_score`; computed in whole numbers, so exact below 2^53 pairs.
 * @param labels 0 or 1 for each observation.
 * @param scores Any finite numbers, higher for more likely positive.
 * @throws RangeError on empty or unequal input, other labels, scores that are not finite, or a single class.
 */
export function rocAuc(labels: Numbers, scores: Numbers): number {
  const { truePositives, falsePositives, positives, negatives } = countsByThreshold(labels, scores);
  requireBothClasses(positives, negatives);
  let doubledPairs = 0;
  let lastTrue = 0;
  let lastFalse = 0;
  for (let i = 0; i < truePositives.length; i++) {
    doubledPairs += (at(falsePositives, i) - lastFalse) * (at(truePositives, i) + lastTrue);
    lastTrue = at(truePositives, i);
    lastFalse = at(falsePositives, i);
  }
  return doubledPairs / (2 * positives * negatives);
}

/**
 * The mean over classes of each class's ROC AUC against all others. Agrees with scikit-learn's
 * `roc_auc_score(multi_class='ovr', average='macro')`.
 * @param classes 0 … classCount - 1 for each observation; every class must occur.
 * @param probabilities One row of class probabilities after another.
 * @throws RangeError as `rocAuc`, and where a row is no distribution.
 */
export function oneVersusRestRocAuc(classes: Numbers, probabilities: Numbers): number {
  const classCount = requireClassProbabilities(classes, probabilities);
  let total = 0;
  for (let k = 0; k < classCount; k++) {
    const labels = Uint8Array.from(classes, (value) => (value === k ? 1 : 0));
    const scores = Float64Array.from(classes, (_, row) => at(probabilities, row * classCount + k));
    total += rocAuc(labels, scores);
  }
  return total / classCount;
}

/**
 * The area under the precision-recall curve as average precision, the sum of (R_n - R_n-1) · P_n over thresholds, in
 * (0, 1]; a random ranking scores the share of positives. Agrees with scikit-learn's `average_precision_score`.
 * @param labels 0 or 1 for each observation.
 * @param scores Any finite numbers, higher for more likely positive.
 * @throws RangeError on empty or unequal input, other labels, scores that are not finite, or no positive.
 */
export function averagePrecision(labels: Numbers, scores: Numbers): number {
  const { truePositives, falsePositives, positives } = countsByThreshold(labels, scores);
  if (positives === 0) throw new RangeError('average precision needs at least one positive label, got none');
  let total = 0;
  let lastTrue = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const hits = at(truePositives, i);
    total += ((hits - lastTrue) * hits) / (hits + at(falsePositives, i));
    lastTrue = hits;
  }
  return total / positives;
}

/** A point of the ROC curve: what calling positive every score of at least `threshold` leads to. */
export interface RocPoint {
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/**
 * The ROC curve from (0, 0), at an infinite threshold, to (1, 1). All of its points are points of scikit-learn's
 * `roc_curve(drop_intermediate=False)`; of many the ones that lie about evenly along the curve.
 * @param options.points At most so many, 3 or more. @default 200
 * @throws RangeError as `rocAuc`.
 */
export function rocCurve(labels: Numbers, scores: Numbers, { points = 200 } = {}): RocPoint[] {
  const { thresholds, truePositives, falsePositives, positives, negatives } = countsByThreshold(labels, scores);
  requireBothClasses(positives, negatives);
  const curve: RocPoint[] = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }];
  const step = 2 / (points - 2); // the curve is at most 2 long, measured along both axes
  let last = 0;
  for (let i = 0; i < thresholds.length; i++) {
    const falsePositiveRate = at(falsePositives, i) / negatives;
    const truePositiveRate = at(truePositives, i) / positives;
    const along = falsePositiveRate + truePositiveRate;
    if (thresholds.length >= points && along - last < step && i < thresholds.length - 1) continue;
    curve.push({ threshold: at(thresholds, i), falsePositiveRate, truePositiveRate });
    last = along;
  }
  return curve;
}

/** @throws RangeError where a class has no observation. */
export function requireBothClasses(positives: number, negatives: number): void {
  if (positives === 0 || negatives === 0) {
    throw new RangeError(`ROC AUC needs both classes, got ${positives} positives and ${negatives} negatives`);
  }
}

/** Sorts each class on its own and merges: sorting an index by score takes four times as long (1 M scores). */
function countsByThreshold(labels: Numbers, scores: Numbers): ThresholdCounts {
  requirePairs(labels, 'labels', scores, 'scores');
  requireClasses(labels, 'labels', 2);
  requireFinite(scores, 'scores');
  const positive = scoresOf(1, labels, scores);
  const negative = scoresOf(0, labels, scores);
  const thresholds = new Float64Array(labels.length);
  const truePositives = new Float64Array(labels.length);
  const falsePositives = new Float64Array(labels.length);
  let size = 0;
  let p = positive.length;
  let n = negative.length;
  while (p > 0 || n > 0) {
    const score = Math.max(p > 0 ? at(positive, p - 1) : -Infinity, n > 0 ? at(negative, n - 1) : -Infinity);
    while (p > 0 && positive[p - 1] === score) p--;
    while (n > 0 && negative[n - 1] === score) n--;
    thresholds[size] = score;
    truePositives[size] = positive.length - p;
    falsePositives[size] = negative.length - n;
    size++;
  }
  return {
    thresholds: thresholds.subarray(0, size),
    truePositives: truePositives.subarray(0, size),
    falsePositives: falsePositives.subarray(0, size),
    positives: positive.length,
    negatives: negative.length,
  };
}

/** The ascending scores of one class. */
function scoresOf(label: number, labels: Numbers, scores: Numbers): Float64Array {
  const chosen = new Float64Array(labels.length);
  let size = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === label) chosen[size++] = at(scores, i);
  }
  return chosen.subarray(0, size).sort();
}

/** How good predicted probabilities are as probabilities: log loss, Brier score, calibration. @module */

import { at, requireBetween, requireClasses, requirePairs, requireSize } from './samples.js';
import type { Numbers } from './samples.js';

/** The spacing of doubles at 1; scikit-learn keeps probabilities this far from 0 and 1 before it takes logarithms. */
const epsilon = Number.EPSILON;

/**
 * The mean negative log likelihood in nats, in [0, 36.05]: probabilities are clipped to [ε, 1 - ε] with ε = 2^-52.
 * Agrees with scikit-learn's `log_loss` on float64 probabilities.
 * @param labels 0 or 1 for each observation; one class alone is fine.
 * @param probabilities Of class 1, in [0, 1].
 * @throws RangeError on empty or unequal input, other labels, or probabilities outside [0, 1].
 */
export function logLoss(labels: Numbers, probabilities: Numbers): number {
  requireProbabilities(labels, probabilities);
  let total = 0;
  for (let i = 0; i < labels.length; i++) total += observationLogLoss(at(labels, i), at(probabilities, i));
  return total / labels.length;
}

/** What one observation adds to `logLoss`, in nats, before the mean. */
export function observationLogLoss(label: number, probability: number): number {
  const clipped = clip(probability);
  return -Math.log(label === 1 ? clipped : 1 - clipped);
}

/**
 * The mean negative log likelihood over several classes, clipped as `logLoss`. Agrees with scikit-learn's `log_loss`.
 * @param classes 0 … classCount - 1 for each observation.
 * @param probabilities One row of class probabilities after another.
 * @throws RangeError on empty or unequal input, a class without a column, or a row that is no distribution.
 */
export function multiclassLogLoss(classes: Numbers, probabilities: Numbers): number {
  const classCount = requireClassProbabilities(classes, probabilities);
  let total = 0;
  for (let row = 0; row < classes.length; row++) {
    total -= Math.log(clip(at(probabilities, row * classCount + at(classes, row))));
  }
  return total / classes.length;
}

/**
 * The mean squared difference of probability and label, in [0, 1]. Agrees with scikit-learn's `brier_score_loss`.
 * @param labels 0 or 1 for each observation.
 * @param probabilities Of class 1, in [0, 1].
 * @throws RangeError on empty or unequal input, other labels, or probabilities outside [0, 1].
 */
export function brierScore(labels: Numbers, probabilities: Numbers): number {
  requireProbabilities(labels, probabilities);
  let total = 0;
  for (let i = 0; i < labels.length; i++) total += (at(probabilities, i) - at(labels, i)) ** 2;
  return total / labels.length;
}

/** What was predicted and what happened, over the observations whose probability falls into (lower, upper]. */
export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly positiveShare: number;
}

/**
 * The points of a reliability diagram: `bins` equal widths of [0, 1], closed on the right, the first on both sides;
 * empty ones are left out. Agrees with scikit-learn's `calibration_curve(strategy='uniform')`.
 * @param labels 0 or 1 for each observation.
 * @param probabilities Of class 1, in [0, 1].
 * @throws RangeError on empty or unequal input, other labels, or probabilities outside [0, 1].
 */
export function calibrationBins(labels: Numbers, probabilities: Numbers, { bins = 10 } = {}): CalibrationBin[] {
  requireProbabilities(labels, probabilities);
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`bins must be a positive integer, got ${bins}`);
  const counts = new Float64Array(bins);
  const probabilitySums = new Float64Array(bins);
  const positives = new Float64Array(bins);
  for (let i = 0; i < labels.length; i++) {
    const probability = at(probabilities, i);
    const bin = uniformBin(probability, bins);
    counts[bin] = at(counts, bin) + 1;
    probabilitySums[bin] = at(probabilitySums, bin) + probability;
    positives[bin] = at(positives, bin) + at(labels, i);
  }
  return Array.from(counts, (count, bin) => ({
    lower: bin / bins,
    upper: (bin + 1) / bins,
    count,
    meanProbability: at(probabilitySums, bin) / count,
    positiveShare: at(positives, bin) / count,
  })).filter(({ count }) => count > 0);
}

/**
 * Expected calibration error, in [0, 1]: |mean probability - share of positives| over `calibrationBins`, weighted by
 * count (Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015).
 * @throws RangeError as `calibrationBins`.
 */
export function expectedCalibrationError(labels: Numbers, probabilities: Numbers, options?: { bins?: number }): number {
  let total = 0;
  for (const { count, meanProbability, positiveShare } of calibrationBins(labels, probabilities, options)) {
    total += count * Math.abs(meanProbability - positiveShare);
  }
  return total / labels.length;
}

/**
 * Expected calibration error of the most likely class: its probability against how often it is right, in [0, 1]
 * (Guo et al., On Calibration of Modern Neural Networks, ICML 2017). Of equal probabilities the first class counts.
 * @param classes 0 … classCount - 1 for each observation.
 * @param probabilities One row of class probabilities after another.
 * @throws RangeError as `multiclassLogLoss`.
 */
export function topLabelCalibrationError(
  classes: Numbers,
  probabilities: Numbers,
  options?: { bins?: number },
): number {
  const classCount = requireClassProbabilities(classes, probabilities);
  const correct = new Uint8Array(classes.length);
  const confidence = new Float64Array(classes.length);
  for (let row = 0; row < classes.length; row++) {
    let best = 0;
    for (let k = 1; k < classCount; k++) {
      if (at(probabilities, row * classCount + k) > at(probabilities, row * classCount + best)) best = k;
    }
    correct[row] = best === classes[row] ? 1 : 0;
    confidence[row] = at(probabilities, row * classCount + best);
  }
  return expectedCalibrationError(correct, confidence, options);
}

/**
 * Checks rows of class probabilities and returns the number of classes. Rows may miss a sum of 1 by 0.001: float32
 * rounding passes, logits do not.
 * @throws RangeError naming what is wrong.
 */
export function requireClassProbabilities(classes: Numbers, probabilities: Numbers): number {
  requireSize(classes, 'classes');
  const classCount = probabilities.length / classes.length;
  if (!Number.isInteger(classCount) || classCount < 2) {
    throw new RangeError(
      `probabilities must hold one value for each of 2 or more classes in each of ${classes.length} rows, got ${probabilities.length} values`,
    );
  }
  requireClasses(classes, 'classes', classCount);
  requireBetween(probabilities, 'probabilities', 0, 1);
  for (let row = 0; row < classes.length; row++) {
    let total = 0;
    for (let k = 0; k < classCount; k++) total += at(probabilities, row * classCount + k);
    if (Math.abs(total - 1) > 1e-3) throw new RangeError(`probabilities of row ${row} must sum to 1, got ${total}`);
  }
  return classCount;
}

/** @throws RangeError unless there is a label of 0 or 1 and a probability for each observation. */
export function requireProbabilities(labels: Numbers, probabilities: Numbers): void {
  requirePairs(labels, 'labels', probabilities, 'probabilities');
  requireClasses(labels, 'labels', 2);
  requireBetween(probabilities, 'probabilities', 0, 1);
}

function clip(probability: number): number {
  return Math.min(Math.max(probability, epsilon), 1 - epsilon);
}

/** The bin k with k/bins < probability ≤ (k+1)/bins, by numpy's edges k · (1/bins): 0.3 · 10 rounds to another bin. */
function uniformBin(probability: number, bins: number): number {
  const width = 1 / bins;
  let bin = Math.min(Math.floor(probability / width), bins - 1);
  while (bin > 0 && probability <= bin * width) bin--;
  while (bin < bins - 1 && probability > (bin + 1) * width) bin++;
  return bin;
}

/** Metrics of a resample, prepared so that a thousand resamples cost one sort. @module */

import { requireBothClasses } from './ranking.js';
import { observationLogLoss, requireProbabilities } from './probabilities.js';
import { at, requireClasses, requireFinite, requirePairs } from './samples.js';
import type { Numbers } from './samples.js';

/**
 * A metric as a function of how often each row was drawn; undefined where the draw does not define it. With every count
 * 1 it is the metric of the rows.
 */
export type ResampledMetric = (counts: Numbers) => number | undefined;

/**
 * `rocAuc` of a resample, in [0, 1]; undefined where only one class was drawn.
 * @param labels 0 or 1 for each row.
 * @param scores Any finite numbers, higher for more likely positive.
 * @throws RangeError as `rocAuc`.
 */
export function resampledRocAuc(labels: Numbers, scores: Numbers): ResampledMetric {
  requirePairs(labels, 'labels', scores, 'scores');
  requireClasses(labels, 'labels', 2);
  requireFinite(scores, 'scores');
  let all = 0;
  for (let i = 0; i < labels.length; i++) all += at(labels, i);
  requireBothClasses(all, labels.length - all);
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row);
  order.sort((one, other) => at(scores, one) - at(scores, other));
  return (counts) => {
    let doubledPairs = 0;
    let positives = 0;
    let negatives = 0;
    for (let i = 0; i < order.length;) {
      const score = at(scores, at(order, i));
      let tiedPositives = 0;
      let tiedNegatives = 0;
      for (; i < order.length && at(scores, at(order, i)) === score; i++) {
        const row = at(order, i);
        if (labels[row] === 1) tiedPositives += at(counts, row);
        else tiedNegatives += at(counts, row);
      }
      doubledPairs += tiedPositives * (2 * negatives + tiedNegatives);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    return positives === 0 || negatives === 0 ? undefined : doubledPairs / (2 * positives * negatives);
  };
}

/**
 * `logLoss` of a resample, in nats; lower is better, so the better model's difference is negative.
 * @param labels 0 or 1 for each row.
 * @param probabilities Of class 1, in [0, 1].
 * @throws RangeError as `logLoss`.
 */
export function resampledLogLoss(labels: Numbers, probabilities: Numbers): ResampledMetric {
  requireProbabilities(labels, probabilities);
  return resampledMean(Float64Array.from(labels, (label, row) => observationLogLoss(label, at(probabilities, row))));
}

/**
 * The mean of a resample of values: of right (1) and wrong (0) answers the accuracy, of squared errors the mean squared
 * error.
 * @throws RangeError on a value that is not finite.
 */
export function resampledMean(values: Numbers): ResampledMetric {
  requireFinite(values, 'values');
  return (counts) => {
    let total = 0;
    let size = 0;
    for (let row = 0; row < values.length; row++) {
      total += at(counts, row) * at(values, row);
      size += at(counts, row);
    }
    return size === 0 ? undefined : total / size;
  };
}

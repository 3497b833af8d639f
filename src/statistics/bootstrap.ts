/** How sure a difference between two models is that answered for the same rows. @module */

import type { ResampledMetric } from './resampled-metrics.js';
import { at, quantile } from './samples.js';

/** An interval of the difference of two models' metrics, the first minus the second, in the metric's unit. */
export interface DifferenceInterval {
  /** On the rows as they are. */
  readonly difference: number;
  readonly lower: number;
  readonly upper: number;
  /** How many resamples the interval rests on. */
  readonly resamples: number;
  /** How many more were drawn on which a metric is not defined, as AUC where one class is left. */
  readonly undefinedResamples: number;
}

export interface BootstrapOptions {
  /** How many rows both models answered for, 1 or more. */
  readonly rows: number;
  readonly first: ResampledMetric;
  readonly second: ResampledMetric;
  /**
   * Fills `out` with independent random whole numbers in 0 … 2^32 - 1, the same ones for the same resample:
   * `(resample, out) => randomUint32({ seed, step: resample }, out)`.
   */
  readonly random: (resample: number, out: Uint32Array) => void;
  /** How many resamples: 1,000 fix the ends of a 95 % interval to a few percent of its width. @default 1000 */
  readonly resamples?: number;
  /** The interval's coverage, in (0, 1). @default 0.95 */
  readonly confidence?: number;
}

/**
 * The percentile interval of a difference: rows are drawn with replacement, both models are judged on the same draw, and
 * the interval holds the middle `confidence` of the differences. So what makes some rows hard for both cancels out.
 * Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. With the same draws it is scipy's
 * `bootstrap(paired=True, method='percentile')`.
 * @throws RangeError on a count or confidence out of bounds, or where more than half of the resamples define no metric.
 */
export function pairedBootstrap(options: BootstrapOptions): DifferenceInterval {
  const { rows, first, second, random, resamples = 1000, confidence = 0.95 } = options;
  for (const [name, value] of Object.entries({ rows, resamples })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be 1 or more, got ${value}`);
  }
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`confidence must be between 0 and 1, got ${confidence}`);
  const counts = new Uint32Array(rows).fill(1);
  const difference = differenceOn(counts, first, second);
  const differences: number[] = [];
  const numbers = new Uint32Array(rows);
  for (let resample = 0; resample < resamples; resample++) {
    random(resample, numbers);
    drawInto(counts, numbers);
    const value = differenceOn(counts, first, second);
    if (value !== undefined) differences.push(value);
  }
  if (difference === undefined || differences.length * 2 < resamples) {
    throw new RangeError(`the metric is defined on ${differences.length} of ${resamples} resamples of ${rows} rows`);
  }
  const sorted = Float64Array.from(differences).sort();
  return {
    difference,
    lower: quantile(sorted, (1 - confidence) / 2),
    upper: quantile(sorted, (1 + confidence) / 2),
    resamples: differences.length,
    undefinedResamples: resamples - differences.length,
  };
}

/** How often each row is drawn. A number times rows / 2^32 favours no row by more than rows / 2^32. */
function drawInto(counts: Uint32Array, numbers: Uint32Array): void {
  counts.fill(0);
  for (let i = 0; i < numbers.length; i++) {
    const row = Math.floor((at(numbers, i) * counts.length) / 2 ** 32);
    counts[row] = at(counts, row) + 1;
  }
}

function differenceOn(counts: Uint32Array, first: ResampledMetric, second: ResampledMetric): number | undefined {
  const one = first(counts);
  const other = second(counts);
  return one === undefined || other === undefined ? undefined : one - other;
}

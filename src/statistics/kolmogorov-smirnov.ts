/** The two-sample Kolmogorov–Smirnov test. @module */

import { kolmogorovSurvival } from './kolmogorov-distribution.js';
import { at, sortedCopy } from './samples.js';
import type { Numbers } from './samples.js';

/** `exact` counts lattice paths, in time proportional to the product of the sizes; `asymptotic` takes no time. */
export type KolmogorovSmirnovMethod = 'exact' | 'asymptotic';

/** `statistic`, in [0, 1]: the greatest distance of the two empirical distribution functions. `pValue`, in [0, 1]. */
export interface KolmogorovSmirnovResult {
  readonly statistic: number;
  readonly pValue: number;
  readonly method: KolmogorovSmirnovMethod;
}

/**
 * Tests whether two samples come from one continuous distribution, two-sided. Agrees with scipy's `ks_2samp`. With
 * ties the p-value is too large, in either method.
 * @param options.method @default exact up to 10,000 values in either sample, as scipy
 * @throws RangeError on an empty sample or a value that is not finite.
 */
export function kolmogorovSmirnovTest(
  reference: Numbers,
  current: Numbers,
  options: { method?: KolmogorovSmirnovMethod } = {},
): KolmogorovSmirnovResult {
  const first = sortedCopy(reference, 'reference');
  const second = sortedCopy(current, 'current');
  const method = options.method ?? (Math.max(first.length, second.length) <= 10_000 ? 'exact' : 'asymptotic');
  const distance = greatestDistance(first, second);
  const statistic = distance / (first.length * second.length);
  const pValue =
    method === 'exact'
      ? exactProbability(first.length, second.length, distance)
      : asymptoticProbability(first.length, second.length, statistic);
  return { statistic, pValue, method };
}

/** The statistic times both sizes: a whole number, so that ties and thresholds compare exactly. */
function greatestDistance(first: Float64Array, second: Float64Array): number {
  let greatest = 0;
  let i = 0;
  let j = 0;
  while (i < first.length && j < second.length) {
    const value = Math.min(at(first, i), at(second, j));
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
    greatest = Math.max(greatest, Math.abs(i * second.length - j * first.length));
  }
  return greatest;
}

/**
 * The share of lattice paths from (0, 0) to the two sizes that leave the band of `distance` at least once (J. L. Hodges,
 * The Significance Probability of the Smirnov Two-Sample Test, 1958), column by column as in scipy: each cell holds the
 * share of the paths to it that have left, so that nothing overflows.
 */
function exactProbability(firstSize: number, secondSize: number, distance: number): number {
  const divisor = greatestCommonDivisor(firstSize, secondSize);
  const h = distance / divisor;
  if (h === 0) return 1;
  const columns = Math.max(firstSize, secondSize);
  const rows = Math.min(firstSize, secondSize);
  const columnStep = rows / divisor;
  const rowStep = columns / divisor;
  const share = new Float64Array(rows + 1).fill(1); // outside the band every path has left
  share.fill(0, 0, Math.min(Math.ceil(h / rowStep), rows + 1));
  for (let column = 1; column <= columns; column++) {
    const start = Math.min(Math.max(Math.floor((columnStep * column - h) / rowStep) + 1, 0), rows);
    const end = Math.min(Math.ceil((columnStep * column + h) / rowStep), rows + 1);
    if (end <= start) return 1;
    let below = start === 0 ? 0 : 1;
    for (let row = start; row < end; row++) {
      below = (at(share, row) * column + below * row) / (column + row);
      share[row] = below;
    }
  }
  return at(share, rows);
}

/** The one-sample distribution at the effective size, rounded half to even, as scipy; two single values say nothing. */
function asymptoticProbability(firstSize: number, secondSize: number, statistic: number): number {
  const effectiveSize = (firstSize * secondSize) / (firstSize + secondSize);
  if (effectiveSize === 0.5) return 1; // scipy: nan
  const rounded = effectiveSize % 1 === 0.5 ? 2 * Math.round(effectiveSize / 2) : Math.round(effectiveSize);
  return kolmogorovSurvival(rounded, statistic);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

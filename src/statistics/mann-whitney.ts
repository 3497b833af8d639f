/** The Mann–Whitney U test: whether one sample's values, latencies say, tend to be greater than another's. @module */

import type { Alternative } from './alternatives.js';
import { requireCounts } from './binning.js';
import { normalSurvival } from './normal.js';
import { at, sortedCopy, sum } from './samples.js';
import type { Numbers } from './samples.js';

export interface MannWhitneyResult {
  /** U of the first sample: pairs in which its value is the greater, ties counted half. */
  readonly statistic: number;
  /** In [0, 1]: the chance of a U at least as far out when both samples come from one distribution. */
  readonly pValue: number;
  /** U as a share of all pairs, in [0, 1]: the chance that a value of the first is greater; 0.5 for no difference. */
  readonly superiority: number;
}

/** 'greater': the first sample's values are. */
export interface MannWhitneyOptions {
  /** @default 'two-sided' */
  readonly alternative?: Alternative;
}

/**
 * The test by the normal approximation, corrected for ties and continuity: good from about 8 values each. Agrees with
 * scipy's `mannwhitneyu(method='asymptotic')`.
 * @throws RangeError on an empty sample or a value that is not finite.
 */
export function mannWhitneyTest(first: Numbers, second: Numbers, options?: MannWhitneyOptions): MannWhitneyResult {
  const { firstCounts, secondCounts } = tieCounts(sortedCopy(first, 'first'), sortedCopy(second, 'second'));
  return mannWhitneyTestOfCounts(firstCounts, secondCounts, options);
}

/**
 * The test on histograms, with all values of a bin counted as tied: histograms add up over servers and hours. Bins that
 * hold a small part of either sample each cost little power.
 * @param firstCounts One count for each bin, bins in ascending order (`countInBins`).
 * @param secondCounts Likewise, over the same bins.
 * @throws RangeError on unequal length, a negative count, or a sample that counts nothing.
 */
export function mannWhitneyTestOfCounts(
  firstCounts: Numbers,
  secondCounts: Numbers,
  { alternative = 'two-sided' }: MannWhitneyOptions = {},
): MannWhitneyResult {
  requireCounts(firstCounts, secondCounts);
  const firstSize = sum(firstCounts);
  const secondSize = sum(secondCounts);
  const size = firstSize + secondSize;
  let statistic = 0;
  let ties = 0;
  let secondBelow = 0;
  for (let k = 0; k < firstCounts.length; k++) {
    const tied = at(firstCounts, k) + at(secondCounts, k);
    statistic += at(firstCounts, k) * (secondBelow + at(secondCounts, k) / 2);
    secondBelow += at(secondCounts, k);
    ties += tied ** 3 - tied;
  }
  const pairs = firstSize * secondSize;
  const deviation = Math.sqrt((pairs / 12) * (size + 1 - ties / (size * (size - 1))));
  const u = { greater: statistic, less: pairs - statistic, 'two-sided': Math.max(statistic, pairs - statistic) };
  const z = (u[alternative] - pairs / 2 - 0.5) / deviation; // -Infinity where all values are tied
  const pValue = Math.min(1, (alternative === 'two-sided' ? 2 : 1) * normalSurvival(z));
  return { statistic, pValue, superiority: statistic / pairs };
}

/** How often each distinct value occurs in either sample, ascending. */
function tieCounts(first: Float64Array, second: Float64Array): { firstCounts: Numbers; secondCounts: Numbers } {
  const firstCounts: number[] = [];
  const secondCounts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < first.length || j < second.length) {
    const value = Math.min(first[i] ?? Infinity, second[j] ?? Infinity);
    const [firstStart, secondStart] = [i, j];
    while (first[i] === value) i++;
    while (second[j] === value) j++;
    firstCounts.push(i - firstStart);
    secondCounts.push(j - secondStart);
  }
  return { firstCounts, secondCounts };
}

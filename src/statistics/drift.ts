/** How far apart two distributions are: effect sizes, from counts or from values. @module */

import { requireCounts } from './binning.js';
import { at, sortedCopy, sum } from './samples.js';
import type { Numbers } from './samples.js';

/**
 * Population stability index in nats, ≥ 0, symmetric: Σ (p - q) ln(p / q). Below 0.1 counts as stable, 0.2 and more as
 * drift (N. Siddiqi, Credit Risk Scorecards, 2006). A share below 0.0001 is taken as 0.0001, so that an empty bin gives
 * a finite number: one that only one sample fills, with all it has, adds 9.21.
 * @param referenceCounts One count for each bin (`countInBins`) or category (`alignCategories`).
 * @param currentCounts Likewise, in the same order.
 * @throws RangeError on unequal length, a negative count, or a sample that counts nothing.
 */
export function populationStabilityIndex(referenceCounts: Numbers, currentCounts: Numbers): number {
  const floor = 1e-4;
  let total = 0;
  forEachShare(referenceCounts, currentCounts, (share, otherShare) => {
    const p = Math.max(share, floor);
    const q = Math.max(otherShare, floor);
    total += (p - q) * Math.log(p / q);
  });
  return total;
}

/**
 * Jensen-Shannon distance with logarithms to base 2, in [0, 1], symmetric: 0 for equal shares, 1 for no category in
 * common. Agrees with scipy's `jensenshannon(p, q, base=2)`; Evidently's, in nats, is this times √ln 2 = 0.8326.
 * @param referenceCounts One count for each bin (`countInBins`) or category (`alignCategories`).
 * @param currentCounts Likewise, in the same order.
 * @throws RangeError on unequal length, a negative count, or a sample that counts nothing.
 */
export function jensenShannonDistance(referenceCounts: Numbers, currentCounts: Numbers): number {
  let total = 0;
  forEachShare(referenceCounts, currentCounts, (p, q) => {
    const middle = (p + q) / 2;
    if (p > 0) total += p * Math.log2(p / middle);
    if (q > 0) total += q * Math.log2(q / middle);
  });
  return Math.sqrt(Math.min(1, Math.max(0, total / 2))); // rounding may leave -1e-17 for shares that are almost equal
}

/**
 * Wasserstein-1 (earth mover's) distance in the values' unit, ≥ 0: the area between the two empirical distribution
 * functions. Agrees with scipy's `wasserstein_distance`.
 * @throws RangeError on an empty sample or a value that is not finite.
 */
export function wassersteinDistance(reference: Numbers, current: Numbers): number {
  const first = sortedCopy(reference, 'reference');
  const second = sortedCopy(current, 'current');
  let area = 0;
  let i = 0;
  let j = 0;
  let last = Math.min(at(first, 0), at(second, 0));
  while (i < first.length || j < second.length) {
    const takeFirst = j === second.length || (i < first.length && at(first, i) <= at(second, j));
    const value = takeFirst ? at(first, i) : at(second, j);
    area += Math.abs(i / first.length - j / second.length) * (value - last);
    last = value;
    if (takeFirst) i++;
    else j++;
  }
  return area;
}

/**
 * Wasserstein-1 distance in standard deviations of the reference, ≥ 0; 0.1 and more counts as drift in large samples.
 * The deviation is the population's and at least 0.001, so that a constant reference gives a number: as Evidently's
 * `wasserstein` test.
 * @throws RangeError on an empty sample or a value that is not finite.
 */
export function normalizedWassersteinDistance(reference: Numbers, current: Numbers): number {
  return wassersteinDistance(reference, current) / Math.max(standardDeviation(reference), 1e-3);
}

function standardDeviation(values: Numbers): number {
  const mean = sum(values) / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (at(values, i) - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

function forEachShare(referenceCounts: Numbers, currentCounts: Numbers, visit: (p: number, q: number) => void): void {
  requireCounts(referenceCounts, currentCounts);
  const referenceSize = sum(referenceCounts);
  const currentSize = sum(currentCounts);
  for (let k = 0; k < referenceCounts.length; k++) {
    visit(at(referenceCounts, k) / referenceSize, at(currentCounts, k) / currentSize);
  }
}

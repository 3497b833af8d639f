/** From values to counts: bins by the reference's quantiles, and categories in one order. @module */

import { at, quantile, requireBetween, requireFinite, requirePairs, sortedCopy, sum } from './samples.js';
import type { Numbers } from './samples.js';

/**
 * The inner edges of bins that hold about equal shares of the reference, ascending: numpy's `quantile` at 1/bins …
 * (bins - 1)/bins, by linear interpolation. The outer bins are open, so that every later value falls into one.
 *
 * A value that fills a whole bin (zero rain on most days, a column of whole numbers, a constant) gets a bin to itself:
 * its edge, and one just below it. Otherwise a shift to one side of it would not be seen.
 * @param options.bins How many shares. @default 10
 * @throws RangeError on an empty reference, a value that is not finite, or fewer than 2 bins.
 */
export function quantileEdges(reference: Numbers, { bins = 10 } = {}): Float64Array {
  if (!Number.isInteger(bins) || bins < 2) throw new RangeError(`bins must be an integer of 2 or more, got ${bins}`);
  const sorted = sortedCopy(reference, 'reference');
  const quantiles = Array.from({ length: bins + 1 }, (_, k) => quantile(sorted, k / bins));
  const edges = new Set(quantiles.slice(1, -1));
  for (let k = 0; k < bins; k++) {
    const value = at(quantiles, k);
    if (value === quantiles[k + 1]) edges.add(value).add(justBelow(value));
  }
  return Float64Array.from(edges).sort();
}

/**
 * How many values fall into each bin; bin k holds edges[k - 1] < value ≤ edges[k]. Counts of batches may be added.
 * @param values May be empty.
 * @param edges Ascending inner edges; there is one bin more than edges.
 * @throws RangeError on NaN or an infinite value.
 */
export function countInBins(values: Numbers, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  requireFinite(values, 'values');
  for (let i = 0; i < values.length; i++) {
    const bin = firstAtLeast(edges, at(values, i));
    counts[bin] = at(counts, bin) + 1;
  }
  return counts;
}

/** Two samples' counts over the same categories. */
export interface AlignedCounts {
  readonly categories: readonly string[];
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** The counts of every category that either sample has, sorted by name; 0 where one has not seen it. */
export function alignCategories(
  reference: ReadonlyMap<string, number>,
  current: ReadonlyMap<string, number>,
): AlignedCounts {
  const categories = [...new Set([...reference.keys(), ...current.keys()])].sort();
  return {
    categories,
    reference: categories.map((category) => reference.get(category) ?? 0),
    current: categories.map((category) => current.get(category) ?? 0),
  };
}

/** @throws RangeError unless both are counts over the same bins or categories, each with at least one observation. */
export function requireCounts(referenceCounts: Numbers, currentCounts: Numbers): void {
  requirePairs(referenceCounts, 'referenceCounts', currentCounts, 'currentCounts');
  for (const [name, counts] of Object.entries({ referenceCounts, currentCounts })) {
    requireBetween(counts, name, 0, Number.MAX_SAFE_INTEGER);
    if (sum(counts) === 0) throw new RangeError(`${name} must count at least one observation`);
  }
}

/** The smallest double that also a thread tells from zero which takes denormal numbers for it. */
const smallestNormal = 2 ** -1022;

/** One or two steps of a double below. */
function justBelow(value: number): number {
  return value - Math.max(Math.abs(value) * Number.EPSILON, smallestNormal);
}

/** The index of the first edge that is not below the value: a binary search. */
function firstAtLeast(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(edges, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

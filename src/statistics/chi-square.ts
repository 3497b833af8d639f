/** Pearson's chi-square test of two samples of categories. @module */

import { requireCounts } from './binning.js';
import { poissonDensity } from './densities.js';
import { at, sum } from './samples.js';
import type { Numbers } from './samples.js';

/** `pValue`, in [0, 1]: the chance of a statistic at least as large when both samples come from one distribution. */
export interface ChiSquareResult {
  readonly statistic: number;
  readonly pValue: number;
  readonly degreesOfFreedom: number;
}

/**
 * Tests whether two samples have the same shares of categories. Agrees with scipy's
 * `chi2_contingency([reference, current])`: with two categories the counts are corrected after Yates. A category that
 * neither sample has is left out; with fewer than two categories the samples cannot differ: statistic 0, pValue 1.
 * @param referenceCounts One count for each category; `alignCategories` brings both into one order.
 * @param currentCounts Likewise, in the same order.
 * @throws RangeError on unequal length, a negative count, or a sample that counts nothing.
 */
export function chiSquareTest(referenceCounts: Numbers, currentCounts: Numbers): ChiSquareResult {
  requireCounts(referenceCounts, currentCounts);
  const samples = [referenceCounts, currentCounts];
  const sizes = samples.map(sum);
  const totals = Array.from(referenceCounts, (count, k) => count + at(currentCounts, k));
  const total = sum(sizes);
  const degreesOfFreedom = totals.filter((count) => count > 0).length - 1;
  const correction = degreesOfFreedom === 1 ? 0.5 : 0;
  let statistic = 0;
  samples.forEach((counts, sample) => {
    totals.forEach((categoryTotal, k) => {
      if (categoryTotal === 0) return;
      const expected = (at(sizes, sample) / total) * categoryTotal;
      const distance = Math.abs(at(counts, k) - expected);
      statistic += (distance - Math.min(correction, distance)) ** 2 / expected;
    });
  });
  if (degreesOfFreedom === 0) return { statistic: 0, pValue: 1, degreesOfFreedom };
  return { statistic, pValue: chiSquareSurvival(statistic, degreesOfFreedom), degreesOfFreedom };
}

/**
 * P(X ≥ x) for a chi-square variable, in [0, 1]. Agrees with scipy's `chi2.sf`.
 * @param degreesOfFreedom Above 0.
 */
export function chiSquareSurvival(x: number, degreesOfFreedom: number): number {
  if (x === Infinity) return 0;
  return x <= 0 ? 1 : upperGamma(degreesOfFreedom / 2, x / 2);
}

/** The regularised upper incomplete gamma function: a series below a + 1, above it Legendre's continued fraction. */
function upperGamma(a: number, x: number): number {
  const density = poissonDensity(a, x);
  if (x < a + 1) {
    let term = 1;
    let series = 1;
    for (let k = 1; term > series * Number.EPSILON; k++) {
      term *= x / (a + k);
      series += term;
    }
    return 1 - density * series;
  }
  // Lentz's method as in Numerical Recipes 6.2; no denominator is 0 for x ≥ a + 1.
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; ; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) <= Number.EPSILON) return density * a * fraction;
  }
}

/** How far predicted numbers are from the true ones. @module */

import { at, requireFinite, requirePairs, requireSize, sum } from './samples.js';
import type { Numbers } from './samples.js';

/**
 * The root of the mean squared error, in the target's unit, ≥ 0. Agrees with scikit-learn's `root_mean_squared_error`.
 * @throws RangeError on empty, unequal or non-finite input.
 */
export function rootMeanSquaredError(actual: Numbers, predicted: Numbers): number {
  return Math.sqrt(squaredErrors(actual, predicted) / actual.length);
}

/**
 * The mean absolute error, in the target's unit, ≥ 0. Agrees with scikit-learn's `mean_absolute_error`.
 * @throws RangeError on empty, unequal or non-finite input.
 */
export function meanAbsoluteError(actual: Numbers, predicted: Numbers): number {
  requireTargets(actual, predicted);
  let total = 0;
  for (let i = 0; i < actual.length; i++) total += Math.abs(at(actual, i) - at(predicted, i));
  return total / actual.length;
}

/**
 * The coefficient of determination: 1 is perfect, 0 is as good as the mean, below 0 is worse. Agrees with
 * scikit-learn's `r2_score`, also where the target is constant: 1 for perfect predictions, else 0.
 * @throws RangeError on fewer than two, unequal or non-finite input.
 */
export function rSquared(actual: Numbers, predicted: Numbers): number {
  requireSize(actual, 'actual', 2);
  const residual = squaredErrors(actual, predicted);
  const mean = sum(actual) / actual.length;
  let variation = 0;
  for (let i = 0; i < actual.length; i++) variation += (at(actual, i) - mean) ** 2;
  if (variation === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / variation;
}

function squaredErrors(actual: Numbers, predicted: Numbers): number {
  requireTargets(actual, predicted);
  let total = 0;
  for (let i = 0; i < actual.length; i++) total += (at(actual, i) - at(predicted, i)) ** 2;
  return total;
}

function requireTargets(actual: Numbers, predicted: Numbers): void {
  requirePairs(actual, 'actual', predicted, 'predicted');
  requireFinite(actual, 'actual');
  requireFinite(predicted, 'predicted');
}

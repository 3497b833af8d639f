/** The Page–Hinkley test: a running sum of deviations that leaves its lowest or highest point when a mean moves. @module */

import { at, requireFinite } from './samples.js';
import type { Numbers } from './samples.js';

/** What decides when a change counts; the defaults are river's. */
export interface PageHinkleyOptions {
  /** How many values it must have seen, 1 or more. @default 30 */
  readonly minInstances?: number;
  /** The deviation from the mean that is allowed, in the values' unit, ≥ 0. @default 0.005 */
  readonly delta?: number;
  /** How far the sum may leave its extreme, in the values' unit, > 0: higher for fewer and later alarms. @default 50 */
  readonly threshold?: number;
  /** How much of the sum is kept with each value, in (0, 1]. @default 0.9999 */
  readonly alpha?: number;
  /** Which way the mean must move. @default 'both' */
  readonly direction?: 'up' | 'down' | 'both';
}

/** All that a detector knows, as plain JSON: kept between two batches, it goes on as if there had been one. */
export interface PageHinkleyState {
  readonly options: Required<PageHinkleyOptions>;
  readonly count: number;
  readonly mean: number;
  readonly increase: number;
  readonly lowestIncrease: number;
  readonly decrease: number;
  readonly highestDecrease: number;
  /** Whether the last value showed a change; the next one begins anew. */
  readonly changed: boolean;
}

/** A change of the mean, found with the value at `index` of the batch. */
export interface PageHinkleyChange {
  readonly index: number;
  /** The mean of all values since the last change, this one's included, in the values' unit. */
  readonly mean: number;
  /** Whether the mean rose. */
  readonly rose: boolean;
}

/** @throws RangeError on an option out of its bounds. */
export function startPageHinkley(options: PageHinkleyOptions = {}): PageHinkleyState {
  const { minInstances = 30, delta = 0.005, threshold = 50, alpha = 0.9999, direction = 'both' } = options;
  if (!Number.isInteger(minInstances) || minInstances < 1) {
    throw new RangeError(`minInstances must be a positive whole number, got ${minInstances}`);
  }
  if (!(delta >= 0)) throw new RangeError(`delta must be 0 or more, got ${delta}`);
  if (!(threshold > 0)) throw new RangeError(`threshold must be above 0, got ${threshold}`);
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha must be above 0 and at most 1, got ${alpha}`);
  return unmoved({ minInstances, delta, threshold, alpha, direction });
}

/**
 * Takes in values, the oldest first. After a change it begins anew with the next value. Source: E. S. Page, Continuous
 * Inspection Schemes, Biometrika 41, 1954, with Hinkley's mean of the values so far. Agrees with river's
 * `drift.PageHinkley`.
 * @param values May be empty.
 * @throws RangeError on a value that is not finite.
 */
export function advancePageHinkley(
  state: PageHinkleyState,
  values: Numbers,
): { state: PageHinkleyState; changes: PageHinkleyChange[] } {
  requireFinite(values, 'values');
  const changes: PageHinkleyChange[] = [];
  let current = state;
  for (let index = 0; index < values.length; index++) {
    current = next(current.changed ? unmoved(current.options) : current, at(values, index));
    if (current.changed) changes.push({ index, mean: current.mean, rose: hasRisen(current) });
  }
  return { state: current, changes };
}

function unmoved(options: Required<PageHinkleyOptions>): PageHinkleyState {
  // The highest decrease begins at -1, as in river; the lowest increase at nothing, because JSON has no infinity.
  const sums = { increase: 0, lowestIncrease: 0, decrease: 0, highestDecrease: -1 };
  return { options, count: 0, mean: 0, ...sums, changed: false };
}

function next(state: PageHinkleyState, value: number): PageHinkleyState {
  const { minInstances, delta, threshold, alpha, direction } = state.options;
  const count = state.count + 1;
  const mean = state.mean + (1 / count) * (value - state.mean);
  const deviation = value - mean;
  const increase = alpha * state.increase + deviation - delta;
  const decrease = alpha * state.decrease + deviation + delta;
  const lowestIncrease = count === 1 ? increase : Math.min(state.lowestIncrease, increase);
  const highestDecrease = Math.max(state.highestDecrease, decrease);
  const wentUp = hasRisen({ options: state.options, increase, lowestIncrease });
  const wentDown = direction !== 'up' && highestDecrease - decrease > threshold;
  return {
    options: state.options,
    ...{ count, mean, increase, lowestIncrease, decrease, highestDecrease },
    changed: count >= minInstances && (wentUp || wentDown),
  };
}

function hasRisen({
  options: { direction, threshold },
  increase,
  lowestIncrease,
}: Pick<PageHinkleyState, 'options' | 'increase' | 'lowestIncrease'>): boolean {
  return direction !== 'down' && increase - lowestIncrease > threshold;
}

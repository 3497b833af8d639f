/** ADWIN: a window of recent values that shrinks where their mean has changed. @module */

import { at, requireFinite } from './samples.js';
import type { Numbers } from './samples.js';

/** What decides when a change counts; the defaults are river's. */
export interface AdwinOptions {
  /** The chance of a false alarm that a cut of the window may have, in (0, 1). @default 0.002 */
  readonly delta?: number;
  /** After how many values it looks for a change, 1 or more. @default 32 */
  readonly clock?: number;
  /** How many buckets of one size it keeps before it merges two, 2 or more: memory against resolution. @default 5 */
  readonly maxBuckets?: number;
  /** The least length of either part of a cut window, 1 or more. @default 5 */
  readonly minWindowLength?: number;
  /** It looks only at windows that are longer. @default 10 */
  readonly gracePeriod?: number;
}

/** Buckets of 2^level values each, the oldest first. */
interface BucketRow {
  readonly totals: number[];
  /** Sums of squared deviations from the bucket's mean. */
  readonly variances: number[];
}

/** All that a detector knows, as plain JSON: kept between two batches, it goes on as if there had been one. */
export interface AdwinState {
  readonly options: Required<AdwinOptions>;
  /** How many values the present window has seen come in. */
  readonly seen: number;
  /** How many values it still holds. */
  readonly width: number;
  readonly total: number;
  /** The sum of squared deviations from the window's mean. */
  readonly variance: number;
  /** By level: `rows[k]` holds buckets of 2^k values. About log2(width / maxBuckets) rows. */
  readonly rows: readonly BucketRow[];
  /** Whether the last value showed a change; the next one begins a new window. */
  readonly changed: boolean;
}

/** A change of the mean, found with the value at `index` of the batch. */
export interface AdwinChange {
  readonly index: number;
  /** How many recent values belong to the new mean. */
  readonly width: number;
  /** The mean after the change, in the values' unit. */
  readonly mean: number;
  /** The mean of the window just before it shrank, the new values included: between the old mean and the new one. */
  readonly meanBefore: number;
}

/** @throws RangeError on an option out of its bounds. */
export function startAdwin(options: AdwinOptions = {}): AdwinState {
  const { delta = 0.002, clock = 32, maxBuckets = 5, minWindowLength = 5, gracePeriod = 10 } = options;
  if (!(delta > 0 && delta < 1)) throw new RangeError(`delta must be between 0 and 1, got ${delta}`);
  for (const [name, value, least] of [
    ['clock', clock, 1],
    ['maxBuckets', maxBuckets, 2],
    ['minWindowLength', minWindowLength, 1],
    ['gracePeriod', gracePeriod, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new RangeError(`${name} must be a whole number of ${least} or more, got ${value}`);
    }
  }
  return emptyWindow({ delta, clock, maxBuckets, minWindowLength, gracePeriod });
}

/**
 * Takes in values, the oldest first: errors (0 or 1) for the decay of a model's accuracy, or any measure of each request.
 * After a change the window begins anew with the next value, as in river. Source: A. Bifet, R. Gavaldà, Learning from
 * Time-Changing Data with Adaptive Windowing, SDM 2007. Agrees with river 0.26's `drift.ADWIN` in positions, width, mean
 * and variance.
 * @param values May be empty.
 * @throws RangeError on a value that is not finite.
 */
export function advanceAdwin(state: AdwinState, values: Numbers): { state: AdwinState; changes: AdwinChange[] } {
  requireFinite(values, 'values');
  const changes: AdwinChange[] = [];
  let window = copyOf(state);
  for (let index = 0; index < values.length; index++) {
    if (window.changed) window = copyOf(emptyWindow(window.options));
    insert(window, at(values, index));
    const meanBefore = adwinMean(window);
    window.changed = window.seen % window.options.clock === 0 && shrink(window);
    if (window.changed) changes.push({ index, width: window.width, mean: adwinMean(window), meanBefore });
  }
  return { state: window, changes };
}

/** The mean of the values that the window holds; 0 while it holds none. */
export function adwinMean({ width, total }: AdwinState): number {
  return width === 0 ? 0 : total / width;
}

/** The state while a batch is taken in. */
type Window = { -readonly [Key in keyof AdwinState]: AdwinState[Key] } & { rows: BucketRow[] };

function emptyWindow(options: Required<AdwinOptions>): AdwinState {
  return { options, seen: 0, width: 0, total: 0, variance: 0, rows: [], changed: false };
}

function copyOf(state: AdwinState): Window {
  return {
    ...state,
    rows: state.rows.map(({ totals, variances }) => ({ totals: [...totals], variances: [...variances] })),
  };
}

function insert(window: Window, value: number): void {
  const before = window.width;
  window.seen++;
  window.width++;
  const deviation = before === 0 ? 0 : value - window.total / before;
  window.variance += (before * deviation * deviation) / window.width;
  window.total += value;
  push(window, 0, value, 0);
}

/** Adds a bucket, and merges the two oldest of its size where they have become too many. */
function push(window: Window, level: number, total: number, variance: number): void {
  const row = (window.rows[level] ??= { totals: [], variances: [] });
  row.totals.push(total);
  row.variances.push(variance);
  if (row.totals.length <= window.options.maxBuckets) return;
  const size = 2 ** level;
  const [first = 0, second = 0] = row.totals.splice(0, 2);
  const [firstVariance = 0, secondVariance = 0] = row.variances.splice(0, 2);
  const between = (size * size * (first / size - second / size) ** 2) / (size + size);
  push(window, level + 1, first + second, firstVariance + secondVariance + between);
}

/** Drops the oldest bucket again and again while some cut shows two means. Whether any did. */
function shrink(window: Window): boolean {
  if (window.width <= window.options.gracePeriod) return false;
  let changed = false;
  while (hasCut(window)) {
    changed = true;
    dropOldest(window);
  }
  return changed;
}

function dropOldest(window: Window): void {
  const row = window.rows.at(-1);
  if (row === undefined) return;
  const size = 2 ** (window.rows.length - 1);
  const total = row.totals.shift() ?? 0;
  const variance = row.variances.shift() ?? 0;
  window.width -= size;
  window.total -= total;
  const between = total / size - window.total / window.width;
  window.variance -= variance + (size * window.width * between * between) / (size + window.width);
  if (row.totals.length === 0) window.rows.pop();
}

/** Whether the window, cut after one of its buckets, has two parts whose means differ by more than chance allows. */
function hasCut(window: Window): boolean {
  const { minWindowLength } = window.options;
  let older = 0;
  let olderTotal = 0;
  for (let level = window.rows.length - 1; level >= 0; level--) {
    const { totals } = window.rows[level] ?? { totals: [] };
    for (let k = 0; k < totals.length; k++) {
      older += 2 ** level;
      olderTotal += at(totals, k);
      const newer = window.width - older;
      if (older < minWindowLength || newer < minWindowLength) continue;
      const difference = olderTotal / older - (window.total - olderTotal) / newer;
      if (Math.abs(difference) > bound(window, older, newer)) return true;
    }
  }
  return false;
}

/** The paper's ε_cut with the variance of the window (section 4.1), parts shortened as river does. */
function bound(window: Window, older: number, newer: number): number {
  const { delta, minWindowLength } = window.options;
  const confidence = Math.log((2 * Math.log(window.width)) / delta);
  const inverse = 1 / (older - minWindowLength + 1) + 1 / (newer - minWindowLength + 1);
  const variance = window.variance / window.width;
  return Math.sqrt(2 * inverse * variance * confidence) + (2 / 3) * confidence * inverse;
}

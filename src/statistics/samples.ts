/** Samples of numbers: what the formulas of this room take, and the checks that they share. @module */

/** One number for each observation: an array or any typed array. */
export type Numbers = ArrayLike<number>;

/** The value at an index that the caller keeps within bounds. */
export function at(values: Numbers, index: number): number {
  return values[index] as number; // noUncheckedIndexedAccess cannot see the bounds of a loop
}

/** @throws RangeError when a sample has fewer than `least` values. */
export function requireSize(values: Numbers, name: string, least = 1): void {
  if (values.length < least) {
    throw new RangeError(
      `${name} must hold at least ${least} ${least === 1 ? 'value' : 'values'}, got ${values.length}`,
    );
  }
}

/** @throws RangeError when the two are empty or differ in length. */
export function requirePairs(first: Numbers, firstName: string, second: Numbers, secondName: string): void {
  requireSize(first, firstName);
  if (first.length !== second.length) {
    throw new RangeError(
      `${firstName} and ${secondName} must have the same length, got ${first.length} and ${second.length}`,
    );
  }
}

/** @throws RangeError that names the first value outside [least, most]; NaN is always outside. */
export function requireBetween(values: Numbers, name: string, least: number, most: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (!(value >= least && value <= most)) {
      throw new RangeError(`${name}[${i}] must be between ${least} and ${most}, got ${value}`);
    }
  }
}

/** @throws RangeError that names the first value that is NaN or infinite. */
export function requireFinite(values: Numbers, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new RangeError(`${name}[${i}] must be finite, got ${values[i] ?? 'nothing'}`);
  }
}

/** @throws RangeError that names the first value that is not one of 0, 1 … classCount - 1. */
export function requireClasses(values: Numbers, name: string, classCount: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (!Number.isInteger(value) || value < 0 || value >= classCount) {
      throw new RangeError(`${name}[${i}] must be a class from 0 to ${classCount - 1}, got ${value}`);
    }
  }
}

/**
 * An ascending copy; the caller's values stay as they are.
 * @throws RangeError when the sample is empty or a value is not finite.
 */
export function sortedCopy(values: Numbers, name: string): Float64Array {
  requireSize(values, name);
  requireFinite(values, name);
  return new Float64Array(values).sort();
}

/** The sum, left to right. */
export function sum(values: Numbers): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += at(values, i);
  return total;
}

/** The value below which a share of an ascending sample lies, interpolated linearly: numpy's `quantile`. */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const value = at(sorted, below);
  return value + (at(sorted, Math.min(below + 1, sorted.length - 1)) - value) * (position - below);
}

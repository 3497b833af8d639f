/** Numbers that are typed on the command line, checked as they are read. @module */
import { InvalidArgumentError } from 'commander';
import type { PriorityLevel } from '../contracts/priority.js';

/** A TCP port; 0 lets the system choose. */
export function portNumber(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

/** How many of something, at least one. */
export function howMany(text: string): number {
  return wholeNumber(text, 1, Number.MAX_SAFE_INTEGER);
}

/** A run's priority, 1 to 5. */
export function priorityLevel(text: string): PriorityLevel {
  return wholeNumber(text, 1, 5) as PriorityLevel; // the bounds are its members
}

/** A whole number within bounds. */
export function wholeNumber(text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`A whole number from ${least}${most < 1e6 ? ` to ${most}` : ' on'}, please.`);
}

/** A quantity: a number above 0. */
export function amount(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It is a number above 0.');
  return value;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span of time in milliseconds: `90s`, `30m`, `24h`, `30d`. */
export function span(text: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('A number and s, m, h or d, please: 24h.');
  return Number(count) * (unitMs[unit] ?? 0);
}

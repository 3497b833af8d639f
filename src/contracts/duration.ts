/** A span of time written as people write it. @module */
import { TrainyardError } from './errors.js';

const unitMs = {
  ms: 1,
  second: 1_000,
  seconds: 1_000,
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
} as const;

/**
 * `'30 seconds'`, `'12 hours'`, `'3 days'`. Temporal's own `Duration` silently becomes `any` under NodeNext and Bundler
 * resolution, hence a type of ours.
 */
export type Duration = `${number} ${keyof typeof unitMs}`;

/** The span in whole milliseconds; throws TY1001 for anything that is not a {@link Duration}. */
export function toMilliseconds(duration: Duration): number {
  const milliseconds = parsed(duration);
  if (milliseconds === undefined) throw new TrainyardError('TY1001', `"${duration}" is not a duration`);
  return milliseconds;
}

/** Whether a value is a {@link Duration}. */
export function isDuration(value: unknown): value is Duration {
  return typeof value === 'string' && parsed(value) !== undefined;
}

function parsed(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ([a-z]+)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined || !Object.hasOwn(unitMs, unit)) return undefined;
  return Math.round(Number(amount) * unitMs[unit as keyof typeof unitMs]);
}

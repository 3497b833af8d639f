/** Numbers and times as the page shows them, and which way is better. @module */
import { betterOf } from '../reports/better.js';

const labels: Readonly<Record<string, string>> = {
  auc: 'AUC',
  prAuc: 'average precision',
  logLoss: 'log loss',
  brier: 'Brier score',
  calibrationError: 'calibration error',
  f1: 'F1',
  rmse: 'RMSE',
  mae: 'MAE',
  r2: 'R²',
  testRows: 'test rows',
};

/** `log loss` of `logLoss`. */
export function labelOf(name: string): string {
  return (
    labels[name] ??
    name.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  );
}

/** `0.8312`, `12,400`, `4.1`; a dash for what is not known. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.0001) return value.toExponential(1);
  const digits = Number.isInteger(value) ? 0 : size < 1 ? 4 : size < 100 ? 2 : 1;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How a number compares with another one of the same name. */
export interface Difference {
  readonly text: string;
  /** Undefined where neither way is better, or nothing changed. */
  readonly good: boolean | undefined;
}

/** The difference of two numbers; undefined where one is missing. */
export function differenceOf(
  name: string,
  value: number | null | undefined,
  other: number | null | undefined,
): Difference | undefined {
  if (typeof value !== 'number' || typeof other !== 'number') return undefined;
  const isBias = name === 'bias';
  const change = isBias ? Math.abs(value) - Math.abs(other) : value - other;
  // What floating point leaves of equal numbers is no difference.
  const isNone = Math.abs(change) < 1e-12;
  const text = isNone ? '±0' : `${change > 0 ? '+' : '−'}${figure(Math.abs(change))}`;
  const better = isBias ? 'lower' : betterOf(name);
  return { text, good: better && !isNone ? change > 0 === (better === 'higher') : undefined };
}

/** `2026-11-21 14:05 UTC`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `20 days`, `3 hours`, `1 minute`. */
export function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  const [count, unit] =
    minutes >= 2_880
      ? [Math.floor(minutes / 1_440), 'day']
      : minutes >= 120
        ? [Math.floor(minutes / 60), 'hour']
        : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

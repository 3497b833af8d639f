/** Times as people type and read them, with their zone. @module */
import { InvalidArgumentError } from 'commander';
import { instantOf } from '../contracts/calendar-times.js';
import { TrainyardError } from '../contracts/errors.js';

/**
 * `2026-03-29T02:00Z`, `2026-03-29T02:00+02:00`, `now`; without a zone, `2026-03-29` or `2026-03-29T02:00` on the clock of `timeZone`.
 * Throws TY2408 for anything else.
 */
export function timeOf(text: string, timeZone: string): Date {
  if (text === 'now') return new Date();
  const [, date, time = '00:00', zone] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?))?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  if (date !== undefined) {
    const shown = new Date(`${date}T${time}${zone ?? 'Z'}`);
    if (!Number.isNaN(shown.getTime())) return zone === undefined ? instantOf(timeZone, shown) : shown;
  }
  throw new TrainyardError('TY2408', `"${text}" is no time`);
}

/** A time with its zone, or a date of UTC, as ISO 8601: an option whose meaning must not depend on where it is typed. */
export function instant(text: string): string {
  const time =
    /^\d{4}-\d{2}-\d{2}(T[\d:.]+)?(Z|[+-]\d{2}:?\d{2})$/.test(text) || /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? Date.parse(text)
      : NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('A time with its zone, please: 2026-03-01T12:00Z.');
  return new Date(time).toISOString();
}

/** `2026-03-29T00:30:00Z (Sun 29 Mar 2026, 02:30:00 CEST)`. */
export function timeWords(time: string, timeZone: string): string {
  if (timeZone === 'UTC') return time;
  return `${time} (${clockOf(timeZone).format(new Date(time))})`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    const date = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const;
    clock = new Intl.DateTimeFormat('en-GB', { timeZone, ...date, ...time });
    clocks.set(timeZone, clock);
  }
  return clock;
}

/** A calendar: the times of a schedule, by the clock of a time zone. @module */
import { z } from 'zod';
import { type Duration, toMilliseconds } from './duration.js';
import { TrainyardError } from './errors.js';

// As in cron: `*`, `5`, `1-5`, `*/15`, `MON-FRI`, `0,30`.
const Field = z.union([z.int(), z.string().max(200)]);

/** The times at which every field matches what the clock of the time zone shows. */
export const ClockTimes = z.object({
  second: Field.optional(),
  minute: Field.optional(),
  hour: Field.optional(),
  dayOfMonth: Field.optional(),
  /** 1 to 12, or JAN to DEC. */
  month: Field.optional(),
  /** 0 (Sunday) to 6, or SUN to SAT. Both this and the day of the month have to match. */
  dayOfWeek: Field.optional(),
  year: Field.optional(),
});
/** What is left out of a time is 0, of a date anything; of what is skipped, anything. */
export type ClockTimes = z.output<typeof ClockTimes>;

/** The times of a schedule as they are kept. */
export const Calendar = z.object({
  /** IANA name. */
  timeZone: z.string(),
  times: z.array(ClockTimes).max(50),
  /** Every so many milliseconds since 1970-01-01T00:00Z, and so many after. */
  intervals: z.array(z.object({ everyMs: z.int().min(1_000), offsetMs: z.int().nonnegative() })).max(10),
  skip: z.array(ClockTimes).max(100),
});
export type Calendar = z.output<typeof Calendar>;

/** What is said of a schedule's times: at least one calendar, cron line or interval. */
export interface CalendarOptions {
  readonly calendars?: readonly ClockTimes[];
  /** `minute hour dayOfMonth month dayOfWeek`; as in Temporal, both days have to match. */
  readonly cron?: readonly string[];
  /** Counted from 1970-01-01T00:00Z in whole seconds, whatever the time zone. */
  readonly intervals?: readonly { readonly every: Duration; readonly offset?: Duration }[];
  /** Times that are left out; fields that are not given match anything. */
  readonly skip?: readonly ClockTimes[];
  /** IANA name, of which the clock is read. @default 'UTC' */
  readonly timeZone?: string;
}

/** The numbers that each part of a clock may show. */
export interface CompiledTimes {
  readonly second: readonly number[];
  readonly minute: readonly number[];
  readonly hour: readonly number[];
  readonly dayOfMonth: ReadonlySet<number>;
  readonly month: ReadonlySet<number>;
  readonly dayOfWeek: ReadonlySet<number>;
  /** Undefined for any. */
  readonly year: ReadonlySet<number> | undefined;
}

/** The calendar of what was said; throws TY2401 for one that cannot be. */
export function calendarOf(options: CalendarOptions): Calendar {
  const { calendars = [], cron = [], intervals = [], skip = [], timeZone = 'UTC' } = options;
  assertTimeZone(timeZone);
  const times = [...calendars, ...cron.map(clockTimesOfCron)];
  for (const one of times) compileTimes(one, 0);
  for (const one of skip) compileTimes(one, '*');
  const every = intervals.map(({ every: span, offset }) => {
    const everyMs = toMilliseconds(span);
    const offsetMs = offset === undefined ? 0 : toMilliseconds(offset);
    if (everyMs < 1_000 || everyMs % 1_000 !== 0 || offsetMs % 1_000 !== 0 || offsetMs >= everyMs)
      throw refused(`an interval of ${span}${offset === undefined ? '' : `, offset ${offset}`}`);
    return { everyMs, offsetMs };
  });
  if (times.length + every.length === 0) throw refused('neither calendars nor cron nor intervals are given');
  return Calendar.parse({ timeZone, times, intervals: every, skip });
}

/** @param missing what a field of the time of day is where it is not given */
export function compileTimes(times: ClockTimes, missing: number | string): CompiledTimes {
  const list = (name: keyof ClockTimes, least: number, most: number, names: readonly string[] = []) =>
    numbersOf(name, times[name] ?? (most > 59 || least === 1 || names.length > 0 ? '*' : missing), least, most, names);
  return {
    second: list('second', 0, 59),
    minute: list('minute', 0, 59),
    hour: list('hour', 0, 23),
    dayOfMonth: new Set(list('dayOfMonth', 1, 31)),
    month: new Set(list('month', 1, 12, months)),
    dayOfWeek: new Set(list('dayOfWeek', 0, 6, weekdays)),
    year: times.year === undefined || times.year === '*' ? undefined : new Set(list('year', 1970, 2199)),
  };
}

/** JAN to DEC. */
export const months = ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** SUN to SAT. */
export const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function clockTimesOfCron(line: string): ClockTimes {
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...more] = line.trim().split(/\s+/);
  if (dayOfWeek === undefined || more.length > 0) throw refused(`the cron line "${line}" has not five fields`);
  return { minute, hour, dayOfMonth, month, dayOfWeek };
}

function numbersOf(
  name: string,
  field: number | string,
  least: number,
  most: number,
  names: readonly string[],
): number[] {
  const wrong = () => refused(`${name} "${field}" is not within ${least} to ${most}`);
  const found = new Set<number>();
  for (const part of String(field).split(',')) {
    const [, all, from, to, step] = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part.trim()) ?? [];
    if (all === undefined && from === undefined) throw wrong();
    const start = from === undefined ? least : numberOf(from, names);
    const open = all !== undefined || (to === undefined && step !== undefined);
    const end = open ? most : to === undefined ? start : numberOf(to, names);
    const by = step === undefined ? 1 : Number(step);
    if (!(start >= least && end <= most && start <= end && by > 0)) throw wrong();
    for (let value = start; value <= end; value += by) found.add(value);
  }
  return [...found].sort((one, other) => one - other);
}

function numberOf(word: string, names: readonly string[]): number {
  const at = names.indexOf(word.slice(0, 3).toUpperCase());
  return at >= 0 && /^[A-Za-z]/.test(word) ? at : /^\d+$/.test(word) ? Number(word) : NaN;
}

function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    throw refused(`"${timeZone}" is no time zone`);
  }
}

function refused(what: string): TrainyardError {
  return new TrainyardError('TY2401', what);
}

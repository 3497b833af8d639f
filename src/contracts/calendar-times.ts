/** The times of a calendar, in order, over both changes of summer time. @module */
import { type Calendar, type CompiledTimes, compileTimes } from './calendar.js';

const dayMs = 86_400_000;

/**
 * The calendar's times after one moment up to another, ascending; all in milliseconds since 1970, whole seconds. A time is where the clock of the zone shows
 * it: what the clock leaves out in spring does not come, what it shows twice in autumn comes twice (as Temporal's documentation says; its server 1.29 gives
 * zones east of Greenwich only one of the two, and loses an hour of an hourly calendar).
 */
export function* calendarTimes(calendar: Calendar, afterMs: number, untilMs: number): Generator<number, void> {
  const skipped = calendar.skip.map((times) => compileTimes(times, '*'));
  const sources = [
    ...calendar.times.map((times) => clockTimes(compileTimes(times, 0), calendar.timeZone, afterMs, untilMs)),
    ...calendar.intervals.map(({ everyMs, offsetMs }) => intervalTimes(everyMs, offsetMs, afterMs, untilMs)),
  ];
  for (const time of merged(sources)) {
    const local = new Date(time + offsetAt(calendar.timeZone, time));
    if (!skipped.some((times) => shows(times, local))) yield time;
  }
}

/** Whether a moment is one of the calendar's times. */
export function isTime(calendar: Calendar, timeMs: number): boolean {
  return !calendarTimes(calendar, timeMs - 1, timeMs).next().done;
}

/** The calendar's time before a moment; at most eight years before, where it has none so long. */
export function timeBefore(calendar: Calendar, timeMs: number): number {
  const longest = 8 * 366 * dayMs;
  // The window before was empty, so that each holds few.
  for (let window = 60_000; window < 4 * longest; window *= 4) {
    let last: number | undefined;
    for (const time of calendarTimes(calendar, timeMs - Math.min(window, longest), timeMs - 1)) last = time;
    if (last !== undefined) return last;
  }
  return timeMs - longest;
}

/** The moment at which the zone's clock shows this; the first where it shows it twice, and as if the clock had not been put forward where it never does. */
export function instantOf(timeZone: string, shown: Date): Date {
  const local = shown.getTime();
  const before = offsetAt(timeZone, local - dayMs);
  const after = offsetAt(timeZone, local + dayMs);
  const isShown = (offset: number) => offsetAt(timeZone, local - offset) === offset;
  return new Date(local - (isShown(before) || !isShown(after) ? before : after));
}

function* intervalTimes(everyMs: number, offsetMs: number, afterMs: number, untilMs: number): Generator<number, void> {
  const first = Math.floor((afterMs - offsetMs) / everyMs + 1) * everyMs + offsetMs;
  for (let time = first; time <= untilMs; time += everyMs) yield time;
}

function* clockTimes(
  times: CompiledTimes,
  timeZone: string,
  afterMs: number,
  untilMs: number,
): Generator<number, void> {
  // Local dates differ from those of UTC by a day at most.
  const first = Math.floor(afterMs / dayMs) * dayMs - dayMs;
  for (let date = first; date <= untilMs + dayMs; date += dayMs) {
    if (!isOnDate(times, new Date(date))) continue;
    for (const time of timesOfDay(times, timeZone, date)) if (time > afterMs && time <= untilMs) yield time;
  }
}

/** @param date midnight of the local date, as if it were UTC's */
function timesOfDay(times: CompiledTimes, timeZone: string, date: number): number[] {
  const offsets = [...new Set([offsetAt(timeZone, date - dayMs), offsetAt(timeZone, date + 2 * dayMs)])];
  const found: number[] = [];
  for (const hour of times.hour)
    for (const minute of times.minute)
      for (const second of times.second) {
        const local = date + ((hour * 60 + minute) * 60 + second) * 1_000;
        for (const offset of offsets)
          if (offsets.length === 1 || offsetAt(timeZone, local - offset) === offset) found.push(local - offset);
      }
  return offsets.length === 1 ? found : found.sort((one, other) => one - other);
}

function isOnDate(times: CompiledTimes, local: Date): boolean {
  return (
    (times.year?.has(local.getUTCFullYear()) ?? true) &&
    times.month.has(local.getUTCMonth() + 1) &&
    times.dayOfMonth.has(local.getUTCDate()) &&
    times.dayOfWeek.has(local.getUTCDay())
  );
}

function shows(times: CompiledTimes, local: Date): boolean {
  return (
    isOnDate(times, local) &&
    times.hour.includes(local.getUTCHours()) &&
    times.minute.includes(local.getUTCMinutes()) &&
    times.second.includes(local.getUTCSeconds())
  );
}

/** All values of ascending sources, ascending, each once. */
function* merged(sources: readonly Generator<number, void>[]): Generator<number, void> {
  const heads = sources.map((source) => ({ source, next: source.next() }));
  for (;;) {
    let least = Infinity;
    for (const { next } of heads) if (!next.done && next.value < least) least = next.value;
    if (least === Infinity) return;
    yield least;
    for (const head of heads) if (!head.next.done && head.next.value === least) head.next = head.source.next();
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** By how much the zone's clock is ahead of UTC, milliseconds. */
function offsetAt(timeZone: string, timeMs: number): number {
  if (timeZone === 'UTC') return 0;
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    const numeric = 'numeric';
    const shown = {
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    } as const;
    clock = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...shown });
    clocks.set(timeZone, clock);
  }
  const parts = new Map(clock.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return local - Math.floor(timeMs / 1_000) * 1_000;
}

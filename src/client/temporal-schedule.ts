/** What of a schedule of ours is Temporal's: its ticks. @module */
import type { Client, DayOfWeek, Month, ScheduleOptions, ScheduleSpec } from '@temporalio/client';
import { type ClockTimes, compileTimes } from '../contracts/calendar.js';
import { pipelinesPool, scheduleIdOf, taskQueue, tickId, tickWorkflow } from '../contracts/names.js';
import type { ScheduleTerms } from '../contracts/slices.js';

/** The least that Temporal takes. */
const leastCatchUpMs = 10_000;

/**
 * The Temporal schedule of a schedule of ours. All that has a default of Temporal's is said: ticks overlap, come late rather than never, and
 * nothing pauses them by itself; what may run at a time, how late, and when to pause is the entity's to decide.
 */
export function tickSchedule(project: string, name: string, terms: ScheduleTerms) {
  return {
    scheduleId: scheduleIdOf(project, name),
    spec: specOf(terms),
    action: {
      type: 'startWorkflow',
      workflowType: tickWorkflow,
      workflowId: tickId(project, name),
      taskQueue: taskQueue(project, pipelinesPool),
      args: [name],
      staticSummary: `tick of schedule ${name}`,
    },
    policies: {
      overlap: 'ALLOW_ALL',
      catchupWindow: Math.max(leastCatchUpMs, terms.catchUpMs),
      pauseOnFailure: false,
    },
  } as const satisfies ScheduleOptions;
}

/** Whether Temporal has the schedule. */
export async function hasTicks(client: Client, project: string, name: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleIdOf(project, name)).describe();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ScheduleNotFoundError') return false;
    throw error;
  }
}

function specOf({ calendar, jitterMs }: ScheduleTerms): ScheduleSpec {
  return {
    calendars: calendar.times.map((times) => calendarSpec(times, 0)),
    intervals: calendar.intervals.map(({ everyMs, offsetMs }) => ({ every: everyMs, offset: offsetMs })),
    skip: calendar.skip.map((times) => calendarSpec(times, '*')),
    timezone: calendar.timeZone,
    jitter: jitterMs,
  };
}

function calendarSpec(times: ClockTimes, missing: number | string) {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek, year } = compileTimes(times, missing);
  return {
    second: ranges(second),
    minute: ranges(minute),
    hour: ranges(hour),
    dayOfMonth: ranges([...dayOfMonth]),
    month: [...month].map((number) => monthNames[number - 1] ?? 'JANUARY'),
    dayOfWeek: [...dayOfWeek].map((number) => dayNames[number] ?? 'SUNDAY'),
    ...(year && { year: ranges([...year]) }),
  };
}

/** Ascending numbers as one range where they are one, as Temporal's UI shows it best. */
function ranges(numbers: readonly number[]) {
  const [start = 0, second = start] = numbers;
  const step = Math.max(1, second - start);
  if (numbers.every((number, at) => number === start + at * step))
    return [{ start, end: numbers.at(-1) ?? start, step }];
  return numbers.map((number) => ({ start: number, end: number, step: 1 }));
}

const monthNames: readonly Month[] = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
];
const dayNames: readonly DayOfWeek[] = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

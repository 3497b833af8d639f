/** A schedule: a pipeline, its times, and the input of each slice. @module */
import { type CalendarOptions, calendarOf } from './calendar.js';
import type { Limits } from './budget.js';
import type { PipelineContract, PipelineInput } from './define-pipeline.js';
import { type Duration, toMilliseconds } from './duration.js';
import { TrainyardError } from './errors.js';
import { assertName } from './names.js';
import { type RunPriority, temporalPriority } from './priority.js';
import { Overlap, ScheduleTerms } from './slices.js';

/** A span of data, whose run comes due at its end: every moment belongs to exactly one slice of a calendar. */
export interface Slice {
  /** Its end, which is its name: `2026-03-29T00:30:00Z`. */
  readonly id: string;
  /** Where it begins, not included: the calendar's time before, at most eight years; ISO 8601, UTC. */
  readonly from: string;
  /** Where it ends, included: a time of the calendar, or when somebody triggered it; ISO 8601, UTC. */
  readonly to: string;
}

/** What `defineSchedule` takes beside the name. */
export interface ScheduleOptions<Contract extends PipelineContract> extends CalendarOptions, RunPriority {
  readonly pipeline: Contract;
  /**
   * What the run of a slice takes. A pure function: it is called where the slice is started, once for each run, and what it gives is in the run's history.
   */
  readonly input: (slice: Slice) => PipelineInput<Contract>;
  /** Runs at a time, 1 to 100; slices that come due meanwhile wait, none is dropped. @default 1 */
  readonly concurrency?: number;
  /** What becomes of slices that come due while as many run as may; by Temporal's names. @default 'BUFFER_ALL': they wait */
  readonly overlap?: Overlap;
  /** `kept`: one after the other, the oldest first, and none after one that failed until somebody resumes. @default 'free' */
  readonly order?: 'kept' | 'free';
  /** How late a slice may be before it is passed over. @default '365 days' */
  readonly catchUp?: Duration;
  /** Whether nothing more is started after a run that failed, until somebody resumes. @default false; true where order is kept */
  readonly pauseOnFailure?: boolean;
  /** Runs begin up to so much after their slice's end, so that schedules of the same minute do not begin at once. @default '0 ms' */
  readonly jitter?: Duration;
  /** What all runs of the schedule may spend together. */
  readonly budget?: Limits;
}

/** A schedule as the project's contracts export it. */
export interface ScheduleDefinition<Contract extends PipelineContract = PipelineContract> {
  readonly name: string;
  readonly pipeline: Contract;
  readonly terms: ScheduleTerms;
  readonly inputOf: (slice: Slice) => PipelineInput<Contract>;
  readonly priority: RunPriority;
}

/**
 * Declares a schedule. It is code, like a pipeline's contract, because its input is a function, and a function cannot travel to a server: what is created
 * in Temporal names it, and the pipelines worker has it.
 * @throws TrainyardError TY1006 for a bad name, TY1008 for a bad priority, TY2401 for times that cannot be, TY2402 for terms that contradict each other.
 * @example
 * export const nightly = defineSchedule('nightly', {
 *   pipeline: churnTraining,
 *   calendars: [{ hour: 2, minute: 30 }],
 *   timeZone: 'Europe/Berlin',
 *   input: ({ from, to }) => ({ source: `s3://events/?from=${from}&to=${to}` }),
 * });
 */
export function defineSchedule<Contract extends PipelineContract>(
  name: string,
  options: ScheduleOptions<Contract>,
): ScheduleDefinition<Contract> {
  assertName('schedule', name);
  const { pipeline, input, concurrency = 1, order = 'free', catchUp = '365 days', jitter = '0 ms', budget } = options;
  const { overlap = 'BUFFER_ALL' } = options;
  const { priority, tenant, fairnessKey, fairnessWeight } = options;
  const pauseOnFailure = options.pauseOnFailure ?? order === 'kept';
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100)
    throw refused(name, `its concurrency is ${concurrency}, not 1 to 100`);
  if (order === 'kept' && (concurrency > 1 || !pauseOnFailure))
    throw refused(name, 'its order is kept: one run at a time, and none after one that failed');
  if (!Overlap.safeParse(overlap).success)
    throw refused(name, `overlap ${overlap}: ${whyNot[overlap] ?? 'there is no such policy'}`);
  temporalPriority({ priority, tenant, fairnessKey, fairnessWeight });
  const terms = ScheduleTerms.parse({
    pipeline: pipeline.name,
    calendar: calendarOf(options),
    concurrency,
    order,
    overlap,
    catchUpMs: toMilliseconds(catchUp),
    pauseOnFailure,
    jitterMs: toMilliseconds(jitter),
    ...(budget && { budget }),
  });
  return { name, pipeline, terms, inputOf: input, priority: { priority, tenant, fairnessKey, fairnessWeight } };
}

/** Temporal's other policies. */
const whyNot: Readonly<Record<string, string>> = {
  ALLOW_ALL: 'say how many run at a time, `concurrency: 100` at most',
  CANCEL_OTHER: 'a slice whose run another one ends would have no successful run',
  TERMINATE_OTHER: 'a slice whose run another one ends would have no successful run',
};

function refused(name: string, what: string): TrainyardError {
  return new TrainyardError('TY2402', `schedule ${name}: ${what}`);
}

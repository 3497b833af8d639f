/** Slices of a schedule: what its entity decides, and what it, its ticks and the activities of the `pipelines` queue say to each other. @module */
import { z } from 'zod';
import { Limits } from './budget.js';
import { Calendar } from './calendar.js';

const Time = z.iso.datetime();

/**
 * What becomes of slices that come due while as many run as may: all wait, the first of them waits, or none. Those that do not wait are passed over. Temporal's
 * other policies contradict that each slice gets one successful run.
 */
export const Overlap = z.enum(['BUFFER_ALL', 'BUFFER_ONE', 'SKIP']);
export type Overlap = z.output<typeof Overlap>;

/** What was said of a schedule, as far as it is not code. */
export const ScheduleTerms = z.object({
  /** Name of the pipeline contract. */
  pipeline: z.string(),
  calendar: Calendar,
  /** Slices that run at a time. */
  concurrency: z.int().min(1).max(100),
  /** `kept`: one after the other, the oldest first, and none after one that failed. */
  order: z.enum(['kept', 'free']),
  overlap: Overlap.default('BUFFER_ALL'),
  /** Slices that are later than this are passed over; milliseconds. */
  catchUpMs: z.int().positive(),
  pauseOnFailure: z.boolean(),
  /** Ticks come up to so much later, milliseconds. */
  jitterMs: z.int().nonnegative(),
  budget: Limits.optional(),
});
export type ScheduleTerms = z.output<typeof ScheduleTerms>;

/** A slice that somebody asked for by name. */
const Wanted = z.object({
  at: Time,
  /** Whether it runs again if it failed before it was asked for. */
  rerun: z.boolean(),
  asked: Time,
});
type Wanted = z.output<typeof Wanted>;

/** Two wishes for one slice are two. */
export function wishId({ at, asked }: Wanted): string {
  return `${at} ${asked}`;
}

/** All slices of a span that have no successful run: after `from`, up to `to`. */
const Backfill = z.object({ id: z.string(), from: Time, to: Time, rerun: z.boolean(), asked: Time });
export type Backfill = z.output<typeof Backfill>;

/** How far a schedule is. */
const Progress = z.object({
  /** All its own slices up to this time were started, or passed over. */
  through: Time,
  succeeded: z.int().nonnegative(),
  failed: z.int().nonnegative(),
});
export type Progress = z.output<typeof Progress>;

/** What a schedule's entity publishes. */
export const SlicesState = z.object({
  /** Null once it is deleted. */
  terms: ScheduleTerms.nullable(),
  /** Its slices come after this time. */
  begins: Time.nullable(),
  /** Since when the calendar is this one. */
  calendarSince: Time.nullable(),
  paused: z.object({ at: Time, reason: z.string() }).nullable(),
  wanted: z.array(Wanted),
  backfills: z.array(Backfill),
  /** Spans whose slices were passed over: after the first time, up to the second. The newest hundred. */
  skipped: z.array(z.tuple([Time, Time])),
  /** What people allowed beyond the budget that was defined; null for nothing. */
  raised: Limits.nullable().default(null),
  progress: Progress.nullable(),
});
export type SlicesState = z.output<typeof SlicesState>;

/** What may be asked of a schedule's entity; the last three it asks of itself. */
export const SlicesChange = z.discriminatedUnion('do', [
  /** A budget that was raised stays so, unless `resetsBudget`. */
  z.object({ do: z.literal('define'), terms: ScheduleTerms, isNew: z.boolean(), resetsBudget: z.boolean().optional() }),
  z.object({ do: z.literal('raise'), limits: Limits }),
  z.object({ do: z.literal('pause'), reason: z.string() }),
  /** `skip`: what came due meanwhile is passed over. */
  z.object({ do: z.literal('resume'), skip: z.boolean() }),
  z.object({ do: z.literal('want'), at: Time, rerun: z.boolean() }),
  z.object({ do: z.literal('backfill'), id: z.string(), from: Time, to: Time, rerun: z.boolean() }),
  z.object({ do: z.literal('delete') }),
  z.object({ do: z.literal('skip'), from: Time, to: Time }),
  z.object({ do: z.literal('finish'), wishes: z.array(z.string()), backfills: z.array(z.string()) }),
  z.object({ do: z.literal('progress'), progress: Progress }),
]);
export type SlicesChange = z.output<typeof SlicesChange>;

/** Signal to the entity, with the time of a tick that is one of the calendar's. */
export const tickSignal = 'trainyard-tick';

/** Memo field of the entity: a {@link SlicesBoard}, readable while no worker runs. */
export const slicesMemo = 'trainyard-slices';

/** Memo field of a run: which slice it is, a {@link SliceOfRun}. */
export const sliceMemo = 'trainyard-slice';

/** Activity of a tick: brings its time to the entity. */
export const announceTickActivity = 'trainyard:announceTick';

/** Activity: the slices of a {@link SlicePlan} that are to be run. */
export const planSlicesActivity = 'trainyard:planSlices';

/** Activity: starts the run of a slice or finds it, and ends when it has; gives how it ended, a {@link SliceOutcome}. */
export const runSliceActivity = 'trainyard:runSlice';

/** Activity: records that slices of a schedule are passed over, {@link PlannedSlice}s. */
export const passOverActivity = 'trainyard:passOver';

/** Activity: pauses the ticks of a schedule. */
export const pauseTicksActivity = 'trainyard:pauseTicks';

/** A slice that is to be run: its span is after `from`, up to `at`. */
export const PlannedSlice = z.object({
  at: Time,
  from: Time,
  /** 1, 2 …: a slice that failed runs again only when somebody asks. */
  attempt: z.int().positive(),
});
export type PlannedSlice = z.output<typeof PlannedSlice>;

/** Which slices are asked for: those of a span, or named ones. */
export interface SlicePlan {
  readonly schedule: string;
  readonly calendar: Calendar;
  readonly span?: { readonly after: string; readonly until: string };
  readonly named?: readonly string[];
  /** Of the schedule's own slices: spans that are passed over. Backfills and wishes run what was. */
  readonly skipped?: SlicesState['skipped'];
  /** Slices of the span up to this time are too late. */
  readonly notBefore?: string;
  /** Those that failed before this time are run again. */
  readonly rerunFailedBefore?: string;
}

/** What is to be run of a plan, in order; a long span is planned a part at a time. */
export interface PlannedSlices {
  readonly slices: readonly PlannedSlice[];
  /** The span was looked through up to here. */
  readonly through: string;
  /** Slices of this span were too late. */
  readonly tooLate?: { readonly from: string; readonly to: string };
}

/** What {@link runSliceActivity} takes. */
export interface SliceRequest {
  readonly schedule: string;
  readonly slice: PlannedSlice;
  readonly budget?: Limits;
}

/** In the memo of a run. */
export const SliceOfRun = PlannedSlice.extend({ schedule: z.string() });
export type SliceOfRun = z.output<typeof SliceOfRun>;

/** How an attempt at a slice ended. */
export const SliceOutcome = z.object({
  /** `skipped`: passed over, because as many ran as may. */
  outcome: z.enum(['succeeded', 'failed', 'skipped']),
  /** Run id of the run that ended so; null where none could be started. */
  runId: z.string().nullable(),
  /** Of a failed one. */
  why: z.string().optional(),
});
export type SliceOutcome = z.output<typeof SliceOutcome>;

/** What the entity shows. */
export const SlicesBoard = Progress.extend({
  /** Time of the newest tick that has come; null before the first. */
  latest: Time.nullable(),
  /** Slices that run, oldest first. */
  open: z.array(Time),
  /** The newest that failed. */
  lastFailed: z.array(Time),
  backfills: z.array(z.object({ id: z.string(), through: Time, to: Time })),
});
export type SlicesBoard = z.output<typeof SlicesBoard>;

/** Which slices are to be run: the calendar's, less those that have ended. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { calendarTimes, timeBefore } from '../contracts/calendar-times.js';
import { sliceId } from '../contracts/names.js';
import type { PlannedSlice, PlannedSlices, SlicePlan, SlicesState } from '../contracts/slices.js';
import { readSlice, type SliceRecord } from '../records/slices.js';

/** A part of a plan: so many slices, looked for among so many times of the calendar. */
const [mostSlices, mostTimes] = [200, 1_000];

/** So many slices' records are read at once. */
const sideBySide = 50;

/** The first part of a plan. Reads records only: a slice that runs right now is planned, and found again by who starts it. */
export async function planSlices(store: ArtifactStore, plan: SlicePlan): Promise<PlannedSlices> {
  const { schedule, calendar, skipped = [] } = plan;
  const slices: PlannedSlice[] = [];
  const look = async (span: readonly Span[]) => {
    const wanted = span.filter(({ at }) => !isSkipped(skipped, at));
    const records = await Promise.all(wanted.map(({ at }) => readSlice(store, schedule, sliceId(at))));
    for (const [index, { at, from }] of wanted.entries()) {
      const attempt = nextAttempt(records[index] ?? [], plan);
      if (attempt !== undefined) slices.push({ at: sliceId(at), from: sliceId(from), attempt });
    }
  };

  const named = (plan.named ?? []).map((at) => Date.parse(at));
  await look(named.map((at) => ({ at, from: timeBefore(calendar, at) })));
  if (plan.span === undefined) return { slices, through: sliceId(Math.max(0, ...named)) };
  const until = Date.parse(plan.span.until);
  const tooLate = tooLateOf(plan, plan.span);
  let through = Date.parse(tooLate?.to ?? plan.span.after);
  const late = tooLate && { tooLate };
  let before: number | undefined;
  let seen = 0;
  let page: Span[] = [];
  for (const at of calendarTimes(calendar, through, until)) {
    page.push({ at, from: before ?? timeBefore(calendar, at) });
    before = at;
    seen++;
    if (page.length < sideBySide) continue;
    await look(page);
    page = [];
    through = at;
    if (slices.length >= mostSlices || seen >= mostTimes) return { slices, through: sliceId(through), ...late };
  }
  await look(page);
  return { slices, through: plan.span.until, ...late };
}

/** A slice by its end and where it begins; milliseconds since 1970. */
interface Span {
  readonly at: number;
  readonly from: number;
}

/** Undefined where the calendar has no time that is too late. */
function tooLateOf(
  { calendar, notBefore }: SlicePlan,
  { after, until }: NonNullable<SlicePlan['span']>,
): PlannedSlices['tooLate'] {
  const last = Math.min(Date.parse(notBefore ?? after), Date.parse(until));
  const none = calendarTimes(calendar, Date.parse(after), last).next().done;
  return none ? undefined : { from: after, to: sliceId(last) };
}

/** Undefined where nothing is to be run. */
function nextAttempt(records: readonly SliceRecord[], { skipped, rerunFailedBefore }: SlicePlan): number | undefined {
  const last = records.at(-1);
  if (last === undefined) return 1;
  if (records.some(({ outcome }) => outcome === 'succeeded')) return undefined;
  if (last.outcome === 'skipped') return skipped === undefined ? records.length + 1 : undefined;
  if (rerunFailedBefore === undefined) return undefined;
  return Date.parse(last.endedAt) < Date.parse(rerunFailedBefore) ? records.length + 1 : undefined;
}

function isSkipped(skipped: SlicesState['skipped'], at: number): boolean {
  return skipped.some(([from, to]) => at > Date.parse(from) && at <= Date.parse(to));
}

/** A schedule's calendar against what ran: which slices are missing, which ran twice. @module */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { calendarTimes } from '../contracts/calendar-times.js';
import { sliceId, sliceRunId } from '../contracts/names.js';
import { readSlice } from '../records/slices.js';
import type { ScheduleHost } from './schedule.js';
import { type ScheduleStatus, scheduleStatus } from './schedule-status.js';

/** What was found; slices by their names. */
export interface Verification {
  readonly schedule: string;
  readonly from: string;
  readonly to: string;
  /** Times that the calendar has in the span, less those that were passed over. */
  readonly expected: number;
  readonly succeeded: number;
  /** Were to run, and neither ran nor wait nor run. */
  readonly missing: readonly string[];
  /** Have more than one successful run: of those that Temporal still keeps, after `doublesSince`, or by the records. */
  readonly double: readonly string[];
  /** Ran, and failed each time. */
  readonly failed: readonly string[];
  readonly running: readonly string[];
  /** Their turn is still to come. */
  readonly waiting: readonly string[];
  /** Were passed over: too late, in a pause, or because as many ran as may. */
  readonly skipped: number;
  /** Successful runs of slices that are none of the calendar's: triggered ones. */
  readonly beside: readonly string[];
  /** Temporal keeps no runs that ended before, so that a double of an earlier slice may not be seen; ISO 8601. */
  readonly doublesSince: string;
}

/** So many slices are looked at at once. */
const sideBySide = 50;

type Standing = 'succeeded' | 'missing' | 'failed' | 'running' | 'waiting' | 'skipped';

/**
 * Looks at the calendar, the store's records and Temporal's runs, which need not agree: that is what is verified. Missing is what the calendar has and neither
 * record, nor open run, nor the schedule's own list of what is to come.
 */
export async function verifySchedule(
  host: ScheduleHost,
  name: string,
  span: { readonly from?: Date; readonly to?: Date },
): Promise<Verification> {
  const status = await scheduleStatus(host, name);
  const from = span.from?.getTime() ?? Date.parse(status.calendarSince);
  const to = Math.min(span.to?.getTime() ?? Infinity, Date.now());
  const runs = await completedRuns(host, name);
  const found: Record<Standing, string[]> = {
    succeeded: [],
    missing: [],
    failed: [],
    running: [],
    waiting: [],
    skipped: [],
  };
  const double = new Set<string>();
  let skipped = 0;
  let expected = 0;
  const look = async (slices: readonly string[]) => {
    const stands = await Promise.all(slices.map((slice) => standingOf(host, status, slice)));
    for (const [at, slice] of slices.entries()) {
      const { standing, successes } = stands[at] ?? { standing: 'missing', successes: 0 };
      found[standing].push(slice);
      if (Math.max(successes, runs.get(slice) ?? 0) > 1) double.add(slice);
    }
  };
  let page: string[] = [];
  const known = new Set<string>();
  for (const at of calendarTimes(status.terms.calendar, from, to)) {
    const slice = sliceId(at);
    known.add(slice);
    if (isSkipped(status, at)) {
      skipped++;
      continue;
    }
    expected++;
    page.push(slice);
    if (page.length < sideBySide) continue;
    await look(page);
    page = [];
  }
  await look(page);
  const inSpan = [...runs].filter(([slice]) => Date.parse(slice) > from && Date.parse(slice) <= to);
  for (const [slice, count] of inSpan) if (count > 1) double.add(slice);
  const beside = inSpan.map(([slice]) => slice).filter((slice) => !known.has(slice));
  return {
    schedule: name,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...found,
    expected: expected - found.skipped.length,
    succeeded: found.succeeded.length,
    double: [...double].sort(),
    skipped: skipped + found.skipped.length,
    beside: beside.sort(),
    doublesSince: new Date(Date.now() - (await retentionMs(host.client))).toISOString(),
  };
}

/** Completed runs of each slice, as far back as Temporal remembers. */
async function completedRuns({ client, project }: ScheduleHost, name: string): Promise<Map<string, number>> {
  const prefix = sliceRunId(project, name, '');
  const counts = new Map<string, number>();
  const query = `WorkflowId STARTS_WITH "${prefix}" AND ExecutionStatus = "Completed"`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1_000 })) {
    const slice = workflowId.slice(prefix.length);
    counts.set(slice, (counts.get(slice) ?? 0) + 1);
  }
  return counts;
}

/** How long Temporal keeps runs that have ended. */
async function retentionMs({ workflowService, options: { namespace } }: Client): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace });
  return 1_000 * Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
}

async function standingOf(
  { client, project, store }: ScheduleHost,
  status: ScheduleStatus,
  slice: string,
): Promise<{ readonly standing: Standing; readonly successes: number }> {
  const records = await readSlice(store, status.name, slice);
  const successes = records.filter(({ outcome }) => outcome === 'succeeded').length;
  if (successes > 0) return { standing: 'succeeded', successes };
  const run = await runStatus(client, sliceRunId(project, status.name, slice));
  if (run === 'RUNNING' || status.board?.open.includes(slice)) return { standing: 'running', successes };
  // It has ended this very moment: its record follows.
  if (run === 'COMPLETED') return { standing: 'succeeded', successes: 1 };
  if (isWaiting(status, Date.parse(slice))) return { standing: 'waiting', successes };
  if (records.at(-1)?.outcome === 'skipped') return { standing: 'skipped', successes };
  return { standing: run === undefined && records.length === 0 ? 'missing' : 'failed', successes };
}

async function runStatus(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The board is a little behind, never ahead: what it does not count as started may be waiting. */
function isWaiting({ begins, board, backfills, wanted }: ScheduleStatus, at: number): boolean {
  const isOwn = at > Date.parse(begins) && at > Date.parse(board?.through ?? begins);
  const isIn = ({ id, from, to }: (typeof backfills)[number]) => {
    const through = board?.backfills.find((one) => one.id === id)?.through ?? from;
    return at > Date.parse(through) && at <= Date.parse(to);
  };
  return isOwn || backfills.some(isIn) || wanted.some((wish) => Date.parse(wish.at) === at);
}

function isSkipped({ skipped }: ScheduleStatus, at: number): boolean {
  return skipped.some(([from, to]) => at > Date.parse(from) && at <= Date.parse(to));
}

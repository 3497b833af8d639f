/** How a schedule stands: told from the store and Temporal's server, while no worker runs. @module */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import { calendarTimes } from '../contracts/calendar-times.js';
import { TrainyardError } from '../contracts/errors.js';
import { entityWorkflowId, sliceId } from '../contracts/names.js';
import { type ScheduleTerms, SlicesBoard, slicesMemo, type SlicesState } from '../contracts/slices.js';
import { slicesEntity } from '../contracts/slices-entity.js';
import { latestEntityHead } from '../records/entity-heads.js';

/** What a schedule is, and how far. Times are ISO 8601 in UTC. */
export interface ScheduleStatus {
  readonly name: string;
  readonly terms: ScheduleTerms;
  /** Its slices come after this time. */
  readonly begins: string;
  /** Since when the calendar is this one. */
  readonly calendarSince: string;
  readonly paused: SlicesState['paused'];
  readonly backfills: SlicesState['backfills'];
  readonly wanted: SlicesState['wanted'];
  readonly skipped: SlicesState['skipped'];
  /** As the entity last showed it; it may be moments old. Undefined before its first. */
  readonly board: SlicesBoard | undefined;
  /** The calendar's next five times. */
  readonly next: readonly string[];
}

/** Throws TY2405 where there is no such schedule. */
export async function scheduleStatus(
  { client, project, store }: { readonly client: Client; readonly project: string; readonly store: ArtifactStore },
  name: string,
): Promise<ScheduleStatus> {
  const state = (await latestEntityHead({ store }, slicesEntity, name))?.state;
  if (state?.terms == null || state.begins === null || state.calendarSince === null)
    throw new TrainyardError('TY2405', `there is no schedule ${name}`);
  const { terms, begins, calendarSince, paused, backfills, wanted, skipped } = state;
  const board = await readBoard(client, entityWorkflowId(project, slicesEntity.kind, name));
  const next = nextTimes(terms, Date.now(), 5);
  return { name, terms, begins, calendarSince, paused, backfills, wanted, skipped, board, next };
}

/** The calendar's next times after a moment, within eight years. */
function nextTimes({ calendar }: ScheduleTerms, afterMs: number, count: number): string[] {
  const found: string[] = [];
  for (const time of calendarTimes(calendar, afterMs, afterMs + 8 * 366 * 86_400_000)) {
    if (found.length === count) break;
    found.push(sliceId(time));
  }
  return found;
}

async function readBoard(client: Client, workflowId: string): Promise<SlicesBoard | undefined> {
  try {
    const { memo } = await client.workflow.getHandle(workflowId).describe();
    return SlicesBoard.safeParse(memo?.[slicesMemo]).data;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

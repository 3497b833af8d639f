/** The maps of a run as its status shows them: one line each, however many items and workflows they have. @module */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { MapBoard, mapsMemo } from '../contracts/lists.js';
import type { RunStatus, StageStatus } from './run-status.js';

type Row = MapBoard[number];

/** A line for each map: how many items are done, those of parts that are under way among them. */
export async function mapStatuses(
  client: Client,
  description: WorkflowExecutionDescription,
  state: RunStatus['state'],
): Promise<StageStatus[]> {
  const rows = boardOf(description);
  return Promise.all(
    rows.map(async (row, index) => {
      const { done, failed } = await countOf(client, description, row);
      const call = rows.slice(0, index).filter(({ stage }) => stage === row.stage).length;
      return statusOf({ ...row, done, failed }, call, state);
    }),
  );
}

function boardOf({ memo }: WorkflowExecutionDescription): readonly Row[] {
  return MapBoard.safeParse(memo?.[mapsMemo]).data ?? [];
}

/** Parts that are done stand in the row; those that run have a board of their own. */
async function countOf(
  client: Client,
  { raw }: WorkflowExecutionDescription,
  { id, done, failed }: Pick<Row, 'id' | 'done' | 'failed'>,
): Promise<Pick<Row, 'done' | 'failed'>> {
  const running = (raw.pendingChildren ?? []).filter(({ workflowId }) => workflowId?.startsWith(`${id}/`));
  const parts = await Promise.all(
    running.map(async ({ workflowId, runId }) => {
      const part = await client.workflow.getHandle(workflowId ?? '', runId ?? undefined).describe();
      const row = boardOf(part).find((one) => one.id === id);
      return row ? countOf(client, part, row) : { done: 0, failed: 0 };
    }),
  );
  return parts.reduce((sum, part) => ({ done: sum.done + part.done, failed: sum.failed + part.failed }), {
    done,
    failed,
  });
}

function statusOf(row: Row, call: number, run: RunStatus['state']): StageStatus {
  const { stage, pool, total, done, failed, startedAt, endedAt, failure } = row;
  const began = new Date(startedAt);
  const note = failed > 0 ? `${failed} failed` : undefined;
  return {
    stage,
    call,
    stageKey: undefined,
    activityId: '',
    pool,
    state:
      failure !== undefined
        ? 'failed'
        : endedAt !== undefined
          ? 'completed'
          : run === 'running'
            ? 'running'
            : 'cancelled',
    scheduledAt: began,
    startedAt: began,
    closedAt: endedAt === undefined ? undefined : new Date(endedAt),
    waitingSince: undefined,
    attempts: 1,
    log: undefined,
    cached: undefined,
    progress: { done, total, unit: 'items', ...(note === undefined ? {} : { note }) },
    failure,
    worker: undefined,
  };
}

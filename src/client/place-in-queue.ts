/** Where a run stands in its tenant's queue, as the queue itself tells it; needs no worker. @module */
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { projectOf, tenantWorkflowId } from '../contracts/names.js';
import { grantPlaceSignal, requestPlaceActivity, TenantBoard, boardMemo } from '../contracts/tenants.js';
import type { WaitingForPlace } from './run-status.js';
import type { History } from './temporal-types.js';

/** What the run of `tenant` waits for; undefined when it has a place, or needs none. */
export async function placeInQueue(
  client: Client,
  description: WorkflowExecutionDescription,
  history: History,
  tenant: string,
): Promise<WaitingForPlace | undefined> {
  if (description.status.name !== 'RUNNING' || !asksForPlace(history)) return undefined;
  const board = await boardOf(client, tenantWorkflowId(projectOf(description.taskQueue), tenant));
  if (board === undefined) return undefined;
  const ahead = board.next.indexOf(description.workflowId);
  if (ahead >= 0) return { tenant, maxRuns: board.maxRuns, ahead, orMore: false };
  const hidden = board.waiting > board.next.length;
  return hidden ? { tenant, maxRuns: board.maxRuns, ahead: board.next.length, orMore: true } : undefined;
}

/** Whether the run has asked for a place and was given none so far. */
function asksForPlace({ events }: History): boolean {
  let asks = false;
  for (const event of events ?? []) {
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === requestPlaceActivity) asks = true;
    if (event.workflowExecutionSignaledEventAttributes?.signalName === grantPlaceSignal) asks = false;
  }
  return asks;
}

async function boardOf(client: Client, workflowId: string): Promise<TenantBoard | undefined> {
  try {
    const { memo, status } = await client.workflow.getHandle(workflowId).describe();
    const board = TenantBoard.safeParse(memo?.[boardMemo]);
    return status.name === 'RUNNING' && board.success ? board.data : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

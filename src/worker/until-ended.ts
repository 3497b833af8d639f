/** The end of a run, waited for by an activity. @module */
import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Place } from '../contracts/tenants.js';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

const beatMs = 5_000;

/**
 * In an activity: waits until a run has ended, however it did, with heartbeats. Follows the chain: a run that was reset or continued as new goes on in
 * another one.
 */
export function untilEnded(client: Client, place: Place): Promise<void> {
  return whileBeating(client, () => followChain(client, place));
}

/** In an activity: waits for the server with heartbeats, until the activity is cancelled. */
export async function whileBeating<Result>(client: Client, wait: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  try {
    return await Promise.race([
      client.withAbortSignal(context.cancellationSignal, wait),
      context.cancelled, // Temporal's own failure, before that of the call that is cut off
    ]);
  } finally {
    clearInterval(timer);
  }
}

async function followChain(client: Client, place: Place): Promise<void> {
  for (let runId = await openRun(client, place); runId !== undefined; runId = await openRun(client, place))
    await untilClosed(client, place.workflowId, runId);
}

/** The run id by which the chain goes on; undefined when it has ended. */
async function openRun(client: Client, { workflowId, chain }: Place): Promise<string | undefined> {
  try {
    const { status, raw, runId } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' && raw.workflowExecutionInfo?.firstRunId === chain ? runId : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function untilClosed(client: Client, workflowId: string, runId: string): Promise<void> {
  const query = {
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    waitNewEvent: true,
    historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
  };
  let nextPageToken: Uint8Array | undefined;
  do {
    // The server answers when the run closes, or after 20 seconds with a token to go on with.
    const page = await client.workflowService.getWorkflowExecutionHistory({ ...query, nextPageToken });
    if (page.history?.events?.length) return;
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

/** Temporal's reset, by the n-th workflow task that completed. @module */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { testEngine } from './engine.js';

/** How many workflow tasks of the run have completed. */
export async function completedTasks(handle: WorkflowHandle): Promise<number> {
  return (await taskIds(handle)).length;
}

/** Resets to before the n-th (from 0) completed workflow task; Updates and signals after it are applied again, as by default. */
export async function resetTo(handle: WorkflowHandle, task: number): Promise<string> {
  const { client } = await testEngine();
  const { runId } = await handle.describe();
  const response = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId },
    reason: 'test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: (await taskIds(handle))[task],
  });
  return response.runId;
}

async function taskIds(handle: WorkflowHandle) {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).map(({ eventId }) => eventId);
}

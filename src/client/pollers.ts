/** Whether anybody serves a pool. @module */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { pipelinesPool, taskQueue } from '../contracts/names.js';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Workers that asked for work of the pool within the last minutes; a killed one is listed for up to 5 minutes. */
export async function countPollers(client: Client, project: string, pool: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue(project, pool) },
    taskQueueType: pool === pipelinesPool ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY,
  });
  return pollers.length;
}

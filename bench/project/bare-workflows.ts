/** The peer: the same six activities as a workflow on Temporal's SDK alone. @module */
import { proxyActivities } from '@temporalio/workflow';
import type { bareActivities, Count } from './bare-activities.js';

const { one, two, three, four, five, six } = proxyActivities<typeof bareActivities>({
  taskQueue: 'bare/activities',
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
});

export async function sixActivities(input: Count): Promise<Count> {
  return six(await five(await four(await three(await two(await one(input))))));
}

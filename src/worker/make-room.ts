/** A full worker makes room for what waits with a better priority: its worst attempt saves a checkpoint and queues again. @module */
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Logger } from 'pino';
import { messageOf } from '../contracts/errors.js';
import { taskQueue, yieldClaimId, yieldClaimWorkflow } from '../contracts/names.js';
import type { RunningAttempt, RunningAttempts } from './running-attempts.js';

const { TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** What making room depends on. */
export interface MakeRoomOptions {
  readonly client: Client;
  readonly project: string;
  readonly pool: string;
  /** How long a better one has waited; milliseconds. */
  readonly afterMs: number;
  readonly attempts: RunningAttempts;
  /** Attempts that this worker may run at once. */
  readonly slots: () => number;
  /** How long a drained attempt may take. */
  readonly graceMs: number;
  readonly log: Logger;
}

/** The server counts a queue at most every 5 seconds: younger figures may not know of a slot that was just taken; milliseconds. */
const countedWithinMs = 6_000;

/** Looks at the queue until it is stopped. */
export function makeRoom(options: MakeRoomOptions): { stop(): void } {
  const everyMs = Math.min(5_000, Math.max(200, options.afterMs / 4));
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async () => {
    try {
      await lookOnce(options);
    } catch (error) {
      options.log.warn({ reason: messageOf(error) }, 'what waits for this pool could not be looked at');
    }
    if (!stopped) timer = setTimeout(() => void look(), everyMs * (0.75 + Math.random() / 2));
  };
  void look();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function lookOnce(options: MakeRoomOptions): Promise<void> {
  const { attempts, slots, log } = options;
  const worst = attempts.size >= slots() ? attempts.candidate() : undefined;
  if (worst === undefined) return;
  const better = await waitingBefore(worst.priority, options);
  if (better === undefined) return;
  const claim = await claimOne(better, options);
  if (claim === undefined) return;
  const { run, stage, priority } = worst;
  log.info({ run, stage, priority, to: better.priority }, 'an attempt yields its device to a better priority');
  worst.yieldTo(better.priority);
  void release(claim, worst);
}

interface Better {
  readonly priority: number;
  /** Tasks of any better priority. */
  readonly count: number;
}

/** What waits with a better priority than `priority`, some of it long enough. */
async function waitingBefore(
  priority: number,
  { client, project, pool, afterMs }: MakeRoomOptions,
): Promise<Better | undefined> {
  const { statsByPriorityKey } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue(project, pool) },
    taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
    reportStats: true,
  });
  const queues = Object.entries(statsByPriorityKey)
    .map(([key, { approximateBacklogCount, approximateBacklogAge: age }]) => ({
      priority: Number(key),
      count: Number(approximateBacklogCount ?? 0),
      ageMs: Number(age?.seconds ?? 0) * 1_000 + (age?.nanos ?? 0) / 1e6,
    }))
    .filter((queue) => queue.priority < priority && queue.count > 0)
    .sort((one, other) => one.priority - other.priority);
  const long = queues.find(({ ageMs }) => ageMs >= afterMs);
  return long && { priority: long.priority, count: queues.reduce((sum, { count }) => sum + count, 0) };
}

/**
 * One worker makes room for one waiting task: the server arbitrates. A claim is a workflow that nobody runs; while it is open nobody
 * else can start one of its id, and should its owner die it times out by itself.
 */
async function claimOne(
  { count, priority }: Better,
  { client, project, pool, graceMs }: MakeRoomOptions,
): Promise<WorkflowHandle | undefined> {
  for (let number = 0; number < count; number++) {
    try {
      return await client.workflow.start(yieldClaimWorkflow, {
        workflowId: yieldClaimId(project, pool, number),
        taskQueue: taskQueue(project, yieldClaimWorkflow),
        workflowExecutionTimeout: graceMs + 2 * countedWithinMs,
        staticSummary: `${client.options.identity} makes room for a stage of priority ${priority}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
  return undefined;
}

/** Until the queue's figures know that the task has its slot. */
async function release(claim: WorkflowHandle, { ended }: RunningAttempt): Promise<void> {
  await ended;
  await new Promise((resolve) => setTimeout(resolve, countedWithinMs).unref());
  // It ends by its time limit where this does not reach the server.
  await claim.terminate('room has been made').catch(() => undefined);
}

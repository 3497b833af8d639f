/** A run's status from its history and description alone: true while no worker runs, and for closed runs. @module */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import proto from '@temporalio/proto';
import { z } from 'zod';
import { approvalsMemo, OpenApproval } from '../contracts/approvals.js';
import { budgetMemo, RunBudget } from '../contracts/budget.js';
import { Progress } from '../contracts/envelope.js';
import { defaultPriority } from '../contracts/priority.js';
import { tenantMemo } from '../contracts/tenants.js';
import { decodePayload } from '../converter/decode.js';
import { placeInQueue } from './place-in-queue.js';
import { mapStatuses } from './map-status.js';
import { type CallRecord, readHistory } from './read-history.js';
import type { RunStatus, StageStatus } from './run-status.js';
import { dateOf, type History, type PendingActivity } from './temporal-types.js';

const states: Partial<Record<string, RunStatus['state']>> = {
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
  CONTINUED_AS_NEW: 'continued as new',
};

const {
  PENDING_ACTIVITY_STATE_STARTED,
  PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
  PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
} = proto.temporal.api.enums.v1.PendingActivityState;
/** One that was asked to pause runs until it has saved its checkpoint. */
const runningStates = new Set<PendingActivity['state']>([
  PENDING_ACTIVITY_STATE_STARTED,
  PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
  PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
]);
const { PENDING_WORKFLOW_TASK_STATE_SCHEDULED } = proto.temporal.api.enums.v1.PendingWorkflowTaskState;

/** Puts a history and a description together. */
export async function statusOf(
  client: Client,
  description: WorkflowExecutionDescription,
  history: History,
): Promise<RunStatus> {
  const { calls, problem } = await readHistory(history, client.options.loadedDataConverter);
  const pending = new Map(description.raw.pendingActivities?.map((activity) => [activity.activityId, activity]));
  const stages = await Promise.all(calls.map((call) => stageStatus(client, call, pending.get(call.activityId))));
  const state = states[description.status.name] ?? 'running';
  stages.push(...(await mapStatuses(client, description, state)));
  const approvals = z.array(OpenApproval).safeParse(description.memo?.[approvalsMemo]);
  const tenant = z.string().optional().catch(undefined).parse(description.memo?.[tenantMemo]);
  return {
    workflowId: description.workflowId,
    runId: description.runId,
    pipeline: description.type,
    state,
    startedAt: description.startTime,
    closedAt: description.closeTime,
    priority: description.priority?.priorityKey || defaultPriority,
    tenant,
    place: tenant === undefined ? undefined : await placeInQueue(client, description, history, tenant),
    stages: stages.sort((one, other) => one.scheduledAt.getTime() - other.scheduledAt.getTime()),
    budget: RunBudget.safeParse(description.memo?.[budgetMemo]).data,
    approvals: approvals.success && state === 'running' ? approvals.data : [],
    waitingSince: waitingSince(description.raw.pendingWorkflowTask),
    problem,
  };
}

function waitingSince(task: WorkflowExecutionDescription['raw']['pendingWorkflowTask']): Date | undefined {
  return task?.state === PENDING_WORKFLOW_TASK_STATE_SCHEDULED ? dateOf(task.originalScheduledTime) : undefined;
}

/** A pending activity knows more than the history: its attempt, heartbeat and last failure leave no event. */
async function stageStatus(
  client: Client,
  call: CallRecord,
  pending: PendingActivity | undefined,
): Promise<StageStatus> {
  if (pending === undefined) return { ...call, progress: undefined, waitingSince: undefined };
  const heartbeat = await decodePayload(client.options.loadedDataConverter, pending.heartbeatDetails?.payloads?.[0]);
  const progress = Progress.safeParse(heartbeat);
  const started = dateOf(pending.lastStartedTime);
  const running = runningStates.has(pending.state);
  const waiting = !running && !pending.paused;
  return {
    ...call,
    // `temporal activity update-options` may have sent it elsewhere since it was scheduled.
    pool: pending.activityOptions?.taskQueue?.name?.split('/').at(-1) ?? call.pool,
    state: running ? 'running' : waiting ? 'waiting' : 'paused',
    startedAt: running ? started : undefined,
    waitingSince: waiting ? (dateOf(pending.scheduledTime) ?? call.scheduledAt) : undefined,
    attempts: pending.attempt ?? 1,
    progress: progress.success ? progress.data : undefined,
    failure: pending.lastFailure?.message ?? undefined,
    worker: pending.lastWorkerIdentity || undefined,
  };
}

/** The runs of a project that new code must be able to go on with: all open ones, and a sample of those that closed. @module */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { pipelinesPool, taskQueue, yieldClaimWorkflow } from '../contracts/names.js';
import type { History } from './temporal-types.js';

/** One execution, of a pipeline, a child or an entity of Trainyard's. */
export interface LiveRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Its workflow type. */
  readonly type: string;
  readonly open: boolean;
}

/** Which runs. */
export interface LiveRunsOptions {
  readonly project: string;
  /** Newest closed runs of each workflow type; 0: only open ones. */
  readonly closed: number;
  /** Workflow types that may have closed runs; those of open runs are added. */
  readonly types: readonly string[];
}

/** Closed runs whose types are looked at, so that a plain workflow that is no pipeline is found as well. */
const newest = 1_000;

/** Everything on the project's pipelines queue, whatever its workflow id; eventually consistent, as Temporal's lists are. */
export async function liveRuns(client: Client, { project, closed, types }: LiveRunsOptions): Promise<LiveRun[]> {
  const onQueue = `TaskQueue = ${JSON.stringify(taskQueue(project, pipelinesPool))}`;
  const open = await listed(client, `${onQueue} AND ExecutionStatus = "Running"`, Infinity);
  if (closed === 0) return open;
  const isClosed = `${onQueue} AND ExecutionStatus != "Running"`;
  const recent = await listed(client, isClosed, newest);
  // Among many runs of pipelines the entities' last ones may be long ago.
  recent.push(...(await listed(client, `${isClosed} AND WorkflowType STARTS_WITH "trainyard:"`, newest)));
  const all = new Set([...types, ...[...open, ...recent].map(({ type }) => type)]);
  const samples: LiveRun[] = [];
  for (const type of [...all].filter(isRun).sort())
    samples.push(...(await listed(client, `${isClosed} AND WorkflowType = ${JSON.stringify(type)}`, closed)));
  return [...open, ...samples];
}

/** Its history; undefined when retention has ended meanwhile, and for a run whose code has not begun: no code can break that. */
export async function begunHistory(client: Client, { workflowId, runId }: LiveRun): Promise<History | undefined> {
  try {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return history.events?.some((event) => event.workflowTaskCompletedEventAttributes) ? history : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The build whose workers alone go on with the run; undefined where the newest code does. */
export function pinnedBuild({ events }: History): string | undefined {
  // Somebody moved it by hand: where to is not for us to guess.
  if (events?.some((event) => event.workflowExecutionOptionsUpdatedEventAttributes?.versioningOverride))
    return undefined;
  const last = events?.findLast(
    (event) => event.workflowTaskCompletedEventAttributes,
  )?.workflowTaskCompletedEventAttributes;
  if (Number(last?.versioningBehavior) !== pinned) return undefined;
  return last?.deploymentVersion?.buildId ?? undefined;
}

/** Temporal's VERSIONING_BEHAVIOR_PINNED. */
const pinned = 1;

/** Claims to make room are workflows that no code runs. */
function isRun(type: string): boolean {
  return type !== yieldClaimWorkflow;
}

async function listed(client: Client, query: string, limit: number): Promise<LiveRun[]> {
  const runs: LiveRun[] = [];
  for await (const { workflowId, runId, type, status } of client.workflow.list({
    query,
    pageSize: Math.min(limit, newest),
  })) {
    if (isRun(type)) runs.push({ workflowId, runId, type, open: status.name === 'RUNNING' });
    if (runs.length >= limit) break;
  }
  return runs;
}

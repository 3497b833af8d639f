/** One attempt at a slice: its run started once, watched to its end, and its end recorded. @module */
import { activityInfo } from '@temporalio/activity';
import {
  type Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import { PipelineClient } from '../client/pipeline-client.js';
import { failureOf } from '../client/run.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { sliceRunId } from '../contracts/names.js';
import { sliceMemo, SliceOfRun, type SliceOutcome, type SliceRequest } from '../contracts/slices.js';
import { readAttempt, recordSlice } from '../records/slices.js';
import { untilEnded } from './until-ended.js';

/** What runs of slices are started with. */
export interface SliceHost {
  readonly client: Client;
  readonly project: string;
  readonly store: ArtifactStore;
  /** The project's schedules by name. */
  readonly schedules: ReadonlyMap<string, ScheduleDefinition>;
  /** Those that the namespace has. @default none */
  readonly searchAttributes?: readonly string[];
}

/**
 * Killed at any line and run again, it finds the run by its workflow id, or its record, and starts nothing twice: Temporal has one open run of an id, and
 * starts none where one has succeeded.
 * @throws TrainyardError TY2404, which is tried again, where this worker does not know the schedule.
 */
export async function runSlice(host: SliceHost, request: SliceRequest): Promise<SliceOutcome> {
  const { client, project, store } = host;
  const { schedule, slice } = request;
  const known = await readAttempt(store, schedule, slice.at, slice.attempt);
  if (known) return outcomeOf(known);
  const workflowId = sliceRunId(project, schedule, slice.at);
  const record = async (outcome: SliceOutcome, endedAt: Date) =>
    outcomeOf(await recordSlice(store, { schedule, ...slice, ...outcome, endedAt: endedAt.toISOString() }));

  let run = await newestRun(client, workflowId);
  if (run === undefined || (run.hasFailed && run.attempt < slice.attempt)) {
    const refused = await start(host, request);
    if (refused !== undefined)
      return record({ outcome: 'failed', runId: null, why: refused }, new Date(activityInfo().scheduledTimestampMs));
    run = await newestRun(client, workflowId);
  }
  if (run === undefined) throw new Error(`${workflowId} was started and is not there`); // tried again
  await untilEnded(client, { workflowId, chain: run.chain });
  const end = (await newestRun(client, workflowId)) ?? run;
  if (end.closedAt === undefined) throw new Error(`${workflowId} was started anew`);
  if (!end.hasFailed) return record({ outcome: 'succeeded', runId: end.runId }, end.closedAt);
  const why = await whyFailed(client, workflowId, end.runId);
  return record({ outcome: 'failed', runId: end.runId, why }, end.closedAt);
}

/** Why the run could not be started, and never will; undefined when it was, here or by another attempt at this activity. */
async function start({ schedules, ...host }: SliceHost, request: SliceRequest): Promise<string | undefined> {
  const { schedule, slice, budget } = request;
  const definition = schedules.get(schedule);
  if (definition === undefined) throw new TrainyardError('TY2404', `this worker has no schedule ${schedule}`);
  const { at, from, attempt } = slice;
  const { client, project } = host;
  try {
    const action = new PipelineClient(host).action(definition.pipeline, {
      ...definition.priority,
      workflowId: sliceRunId(project, schedule, at),
      input: definition.inputOf({ id: at, from, to: at }),
      ...(budget && { budget: { ...budget, scope: `${project}/${schedule}` } }),
    });
    const ofRun: SliceOfRun = { schedule, at, from, attempt };
    await client.workflow.start(action.workflowType, {
      ...action,
      memo: { ...action.memo, [sliceMemo]: ofRun },
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
    });
    return undefined;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    if (isOfServer(error)) throw error;
    return `its run could not be started: ${messageOf(error)}`;
  }
}

interface NewestRun {
  readonly runId: string;
  readonly chain: string;
  readonly attempt: number;
  readonly hasFailed: boolean;
  readonly closedAt: Date | undefined;
}

async function newestRun(client: Client, workflowId: string): Promise<NewestRun | undefined> {
  try {
    const { runId, status, memo, closeTime, raw } = await client.workflow.getHandle(workflowId).describe();
    const isOpen = status.name === 'RUNNING';
    return {
      runId,
      chain: raw.workflowExecutionInfo?.firstRunId ?? runId,
      attempt: SliceOfRun.safeParse(memo?.[sliceMemo]).data?.attempt ?? 1,
      hasFailed: !isOpen && status.name !== 'COMPLETED',
      closedAt: isOpen ? undefined : closeTime,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function whyFailed(client: Client, workflowId: string, runId: string): Promise<string> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return 'it failed';
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return failureOf(error).slice(0, 500);
  }
}

/** An answer of the server, or none: the next try may go better. */
function isOfServer(error: unknown): boolean {
  return error instanceof ServiceError;
}

function outcomeOf({ outcome, runId, why }: SliceOutcome): SliceOutcome {
  return { outcome, runId, ...(why !== undefined && { why }) };
}

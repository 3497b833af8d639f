/** The curves of a stage call, live or long after: read from the store, so no worker is needed. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactStore } from '../artifacts/store.js';
import { followMetrics, type MetricPoint } from '../records/metrics-segments.js';
import { TrainyardError } from '../contracts/errors.js';
import type { RunStatus } from './run-status.js';
import { isUnreachable } from './unreachable.js';

/** Which curves, and until when. */
export interface MetricsQuery {
  readonly stage: string;
  /** 0 for the first call of the stage in the run. */
  readonly call: number;
  readonly signal: AbortSignal | undefined;
}

const pollMs = 300;

/**
 * Points in the order in which they were measured, until the call or the run has ended. After a resume steps begin again
 * where the checkpoint was: a point at or before the newest step means that the points after it are superseded. A server
 * that does not answer for a while is waited for. Throws TY1906 when the run has ended without such a call.
 */
export async function* readCurves(
  store: ArtifactStore,
  status: () => Promise<RunStatus>,
  query: MetricsQuery,
): AsyncGenerator<MetricPoint> {
  const ended = new AbortController();
  const end = () => {
    ended.abort();
  };
  query.signal?.addEventListener('abort', end);
  const { signal } = ended;
  const patient = () => askPatiently(status, signal);
  const stageKey = await keyOfCall(patient, query, signal);
  if (stageKey === undefined) return;
  const watching = endWithCall(patient, stageKey, ended);
  // Thrown below, once the points that are there have been given.
  watching.catch(() => undefined);
  try {
    for await (const point of followMetrics(store, stageKey, { signal, pollMs }))
      if (!('resumed' in point)) yield point;
  } finally {
    end();
    query.signal?.removeEventListener('abort', end);
    await watching;
  }
}

/** The run's status; undefined once the signal is aborted. */
type AskStatus = () => Promise<RunStatus | undefined>;

async function askPatiently(status: () => Promise<RunStatus>, signal: AbortSignal): ReturnType<AskStatus> {
  while (!signal.aborted) {
    try {
      return await status();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await pause(signal);
    }
  }
  return undefined;
}

/** Waits until the run has made the call; undefined when the signal is aborted first. */
async function keyOfCall(
  status: AskStatus,
  { stage, call }: MetricsQuery,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const run = await status();
    if (run === undefined) return undefined;
    const found = run.stages.find((one) => one.stage === stage && one.call === call);
    if (found !== undefined) return found.stageKey;
    if (run.state !== 'running')
      throw new TrainyardError('TY1906', `${run.workflowId} has no call ${call} of a stage "${stage}"`);
    await pause(signal);
  }
}

/** Ends the reading when the call or the run has ended, and when neither can be known any more. */
async function endWithCall(status: AskStatus, stageKey: string, ended: AbortController): Promise<void> {
  try {
    for (let run = await status(); run !== undefined; run = await status()) {
      const call = run.stages.find((one) => one.stageKey === stageKey);
      if (run.state !== 'running' || call?.closedAt !== undefined) return;
      await pause(ended.signal);
    }
  } finally {
    ended.abort();
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(pollMs, undefined, { signal }).catch(() => undefined);
}

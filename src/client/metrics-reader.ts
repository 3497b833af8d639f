/** The curves of a stage call, live or long after: read from the store, so no worker is needed. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactStore } from '../artifacts/store.js';
import { followMetrics, type MetricPoint } from '../records/metrics-segments.js';
import type { RunStatus } from './run-status.js';

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
 * where the checkpoint was: a point at or before the newest step means that the points after it are superseded.
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
  const stageKey = await keyOfCall(status, query, signal);
  if (stageKey === undefined) return;
  const watching = endWithCall(status, stageKey, ended);
  try {
    for await (const point of followMetrics(store, stageKey, { signal, pollMs }))
      if (!('resumed' in point)) yield point;
  } finally {
    end();
    query.signal?.removeEventListener('abort', end);
    await watching;
  }
}

/** Waits until the run has made the call; undefined when it ends without. */
async function keyOfCall(
  status: () => Promise<RunStatus>,
  { stage, call }: MetricsQuery,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const { state, stages } = await status();
    const found = stages.find((one) => one.stage === stage && one.call === call);
    if (found !== undefined || state !== 'running') return found?.stageKey;
    await pause(signal);
  }
  return undefined;
}

async function endWithCall(status: () => Promise<RunStatus>, stageKey: string, ended: AbortController): Promise<void> {
  while (!ended.signal.aborted) {
    const { state, stages } = await status();
    const call = stages.find((one) => one.stageKey === stageKey);
    if (state !== 'running' || call?.closedAt !== undefined) ended.abort();
    else await pause(ended.signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(pollMs, undefined, { signal }).catch(() => undefined);
}

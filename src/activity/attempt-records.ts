/** What an attempt writes to the store: its log, its curves, its checkpoints. @module */
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import type { DurableCheckpoints } from '../context/background-checkpoints.js';
import { StageFailure } from '../context/stage-failure.js';
import type { StageContract } from '../contracts/define-stage.js';
import type { StageCall } from '../contracts/envelope.js';
import { type AttemptLog, startAttempt } from '../records/attempt-log.js';
import { checkpointsKept } from '../records/checkpoint-retention.js';
import { type Checkpoints, openCheckpoints } from '../records/checkpoints.js';
import { newToken } from '../records/layout.js';
import { MetricsWriter } from '../records/metrics-segments.js';
import { attemptsSinceProgress, whyNoProgress } from '../records/progress-budget.js';
import type { AttemptHost } from './attempt-host.js';
import { AttemptRecorder } from './attempt-recorder.js';
import type { StageImplementation } from './implement-stage.js';

/** The records of one attempt. */
export interface AttemptRecords {
  readonly store: ArtifactStore;
  readonly stageKey: string;
  readonly token: string;
  /** 1, 2, … over all generations of the call. */
  readonly attempt: number;
  readonly log: AttemptLog;
  readonly metrics: MetricsWriter;
  readonly recorder: AttemptRecorder;
  readonly logger: Logger;
}

/**
 * Begins the log of an attempt. A first attempt that runs in the worker and saves no checkpoint tells of its start together with
 * what comes next, or after a moment: most such stages are short, and a durable record is what they would mostly wait for.
 */
export async function beginRecords(
  { contract, code }: StageImplementation,
  host: AttemptHost,
  store: ArtifactStore,
  parent: Logger,
): Promise<AttemptRecords> {
  const { stageKey, generation } = host.call;
  const token = newToken({ generation, scheduledMs: host.scheduledMs, attempt: host.attempt });
  const mayBeShort = host.attempt === 1 && code.kind === 'handler' && contract.checkpoint === undefined;
  const { log, attempt } = await startAttempt({
    store,
    stageKey,
    token,
    worker: host.worker,
    adaptation: host.call.adaptation,
    mayBeShort,
  });
  const metrics = new MetricsWriter({ store, stageKey, token, attempt });
  const logger = parent.child({ attempt });
  const recorder = new AttemptRecorder({ log, metrics, logger });
  return { store, stageKey, token, attempt, log, metrics, recorder, logger };
}

/** Throws `NoProgress`, naming the last failure, when the attempts before this one were too many without progress. */
export async function assertProgress({ store, stageKey, token, attempt }: AttemptRecords): Promise<void> {
  if (attempt === 1) return;
  const since = await attemptsSinceProgress(store, stageKey, token);
  const why = whyNoProgress(since);
  if (why === undefined) return;
  const { lastFailure, ...counts } = since;
  throw new StageFailure('NoProgress', why, { ...counts, ...(lastFailure ? { lastFailure: { ...lastFailure } } : {}) });
}

/**
 * Chooses what the attempt resumes from, and gives stage code its checkpoints. A stage that saves none has nothing to choose:
 * its base is recorded with its first points, because curves follow the bases; most such stages are short.
 */
export async function attemptCheckpoints(
  contract: StageContract,
  { resumeFrom, rollBack }: Pick<StageCall, 'resumeFrom' | 'rollBack'>,
  records: AttemptRecords,
): Promise<DurableCheckpoints> {
  const { recorder, metrics } = records;
  let opened: Promise<Checkpoints<unknown>> | undefined;
  const open = () =>
    (opened ??= openCheckpoints<unknown>({
      ...records,
      checkpointVersion: contract.checkpointVersion,
      migrations: contract.migrations,
      state: contract.checkpoint ?? z.never(),
      keep: checkpointsKept(contract),
      resumeFrom,
      rollBack,
    }));
  let save: Checkpoints<unknown>['save'] = async (...saved) => (await open()).save(...saved);
  if (contract.checkpoint === undefined) metrics.beforeFirst = open;
  else {
    const checkpoints = await open();
    if (checkpoints.base) recorder.resumed(checkpoints.base);
    save = (...saved) => checkpoints.save(...saved);
  }
  return {
    latest: async () => (await open()).latest(),
    store: async (value, files, numerics) => {
      recorder.alive();
      // Called before anything is waited for: points that a trainer reports after its save are of steps after the checkpoint.
      recorder.saved(await save(value, files, numerics));
    },
  };
}

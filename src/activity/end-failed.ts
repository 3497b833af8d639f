/** The end of an attempt that gave no result: its class and evidence go to the log, and the log's digest into the failure. @module */
import type { Logger } from 'pino';
import { AttemptStop } from '../context/attempt-stop.js';
import { classifyError, StageFailure } from '../context/stage-failure.js';
import { messageOf } from '../contracts/errors.js';
import type { SealedLog } from '../contracts/envelope.js';
import type { Ending } from '../records/attempt-log.js';
import { AttemptFailure, AttemptInterrupted } from './attempt-host.js';
import type { AttemptRecords } from './attempt-records.js';
import { shortened, shortenedEvidence } from './shortened.js';

/** What is known where an attempt failed. */
export interface FailedAttempt {
  readonly stage: string;
  /** Absent when it failed before its log was begun. */
  readonly records: AttemptRecords | undefined;
  readonly signal: AbortSignal;
  readonly stallMs: number;
  /** What was spent of which budget, in words; absent where nothing is counted. */
  readonly spending?: string;
  readonly logger: Logger;
}

/** Records how the attempt ended and gives the error to throw. */
export async function endFailed(error: unknown, failed: FailedAttempt): Promise<AttemptFailure | AttemptInterrupted> {
  // Whatever code throws once it is told to stop, it ended because it was told to.
  const stop: unknown = failed.signal.aborted ? failed.signal.reason : undefined;
  const { reason, yieldedTo } = stop instanceof AttemptStop ? stop : {};
  if (reason === 'cancelled' || reason === 'paused' || reason === 'reset') {
    await record({ event: 'end', outcome: reason }, failed);
    return new AttemptInterrupted(reason);
  }
  const failure = reason ? stopFailure(reason, failed, yieldedTo) : classifyError(error);
  const { failureClass } = failure;
  const message = shortened(failure.message);
  const evidence = shortenedEvidence(failure.evidence);
  const log = await record({ event: 'end', outcome: 'failed', class: failureClass, message, evidence }, failed);
  const details = { stage: failed.stage, attempts: failed.records?.attempt ?? 0, evidence, ...(log ? { log } : {}) };
  return new AttemptFailure(failureClass, message, details, { cause: error });
}

function stopFailure(
  reason: 'drained' | 'yielded' | 'superseded' | 'stalled' | 'timedOut' | 'overspent',
  { stage, records, stallMs, spending = 'all' }: FailedAttempt,
  yieldedTo = 0,
): StageFailure {
  const what = `stage ${stage}, attempt ${records?.attempt ?? 0}`;
  switch (reason) {
    case 'drained':
      return new StageFailure('Preempted', `${what}: its worker was asked to stop`, { reason });
    case 'yielded':
      return new StageFailure('Preempted', `${what}: it yielded its device to a run of priority ${yieldedTo}`, {
        reason,
        priority: yieldedTo,
      });
    case 'superseded':
      return new StageFailure('Preempted', `${what}: nobody waits for it any more`, { reason });
    case 'stalled':
      return new StageFailure('Stalled', `${what}: no progress for ${stallMs} ms`, {
        stallMs,
        ...(records ? { last: { ...records.recorder.current } } : {}),
      });
    case 'overspent':
      return new StageFailure('BudgetExhausted', `${what}: the budget is spent, ${spending}`, { spent: spending });
    case 'timedOut':
      return new StageFailure('Failed', `${what}: it ran into its time limit`, { reason });
  }
}

/** Writes the end and seals the log; a store that cannot be written to must not hide the failure itself. */
async function record(event: Ending, { records, logger }: FailedAttempt): Promise<SealedLog | undefined> {
  if (!records) return undefined;
  try {
    await records.recorder.flush();
    return await records.log.end(event);
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'the end of the attempt was not recorded');
    return undefined;
  }
}

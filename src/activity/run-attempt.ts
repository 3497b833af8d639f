/** One attempt of one stage, from the check of its input to its envelope, on any host. @module */
import type { Logger } from 'pino';
import { pinning } from '../artifacts/pinning.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { AttemptStop } from '../context/attempt-stop.js';
import { buildContext, type ContextParts } from '../context/build-context.js';
import { changingDirectly, type EntityAccess } from '../context/entity-access.js';
import { runStageCode } from '../context/run-stage-code.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import { toMilliseconds } from '../contracts/duration.js';
import type { StageEnvelope } from '../contracts/envelope.js';
import { maxPayloadBytes } from '../contracts/payload-limits.js';
import type { CacheParts } from '../records/cache-entries.js';
import { runTrainer } from '../trainer/run-trainer.js';
import { assertSendable } from './assert-sendable.js';
import type { AttemptHost } from './attempt-host.js';
import { assertProgress, attemptCheckpoints, type AttemptRecords, beginRecords } from './attempt-records.js';
import { endFailed } from './end-failed.js';
import { startHeartbeats } from './heartbeats.js';
import type { StageHandler, StageImplementation } from './implement-stage.js';
import { Scratch } from './scratch.js';
import { sealMetrics } from './seal-metrics.js';
import type { SpendMeters } from './spend-meter.js';
import { Spending } from './spending.js';
import { type Graces, stopSignal } from './stop-signal.js';

/** What an attempt runs with. */
export interface AttemptOptions extends Graces {
  readonly store: ArtifactStore;
  /** Values of the secrets that the contract names; an error that it throws is the attempt's. */
  secrets(): Readonly<Record<string, string>>;
  /** Environment variables that a trainer's process does not get. @default none */
  readonly withheld?: readonly string[];
  /** Indices of the GPUs that it may use. */
  readonly devices: readonly number[];
  /** It gets a folder of its own below this one. */
  readonly scratchRoot: string;
  readonly log: Logger;
  /** @default changes names beside an engine */
  readonly entities?: EntityAccess;
  /** What its result depends on, where the stage is cached and no result was there: told in the log. */
  readonly cacheParts?: CacheParts;
  /** Counts what the attempt spends of its run's budget. @default nothing costs anything */
  readonly meters?: SpendMeters;
  /** An output that makes a larger one is refused. @default 64 KiB, as in development */
  readonly maxPayloadBytes?: number;
  /** @default 1_000: cancellation rides back on heartbeats, and is to arrive within 2 s */
  readonly heartbeatEveryMs?: number;
}

/**
 * Runs one attempt. When it settles, the processes that it started are gone.
 * @throws AttemptFailure with class, evidence and the sealed log; AttemptInterrupted when it was told to end, and did.
 */
export async function runAttempt(
  implementation: StageImplementation,
  input: unknown,
  host: AttemptHost,
  options: AttemptOptions,
): Promise<StageEnvelope> {
  const { contract } = implementation;
  const { stallMs } = host.call;
  const logger = options.log.child({ run: host.workflowId, stage: contract.name });
  const stop = stopSignal(host, options);
  let records: AttemptRecords | undefined;
  let working = false;
  const stopHeartbeats = startHeartbeats({
    current: () => records?.recorder.current ?? { done: 0, unit: 'steps' },
    beat: (progress) => {
      host.heartbeat(progress);
    },
    check: () => {
      if (working && records && records.recorder.silentMs > stallMs) stop.stop('stalled');
    },
    everyMs: options.heartbeatEveryMs ?? 1_000,
    timeoutMs: toMilliseconds(contract.limits.heartbeat),
    log: logger,
  });
  const scratch = new Scratch(options.scratchRoot);
  const spending = new Spending(host.call.budget, options.meters);
  try {
    const parsed = parseOrThrow(contract.input, input, `stage ${contract.name}: input`);
    const pinned = pinning(options.store, () => scratch.path);
    records = await beginRecords(implementation, host, pinned, logger);
    if (options.cacheParts) await records.log.append({ event: 'cache', parts: options.cacheParts });
    await assertProgress(records);
    await spending.start(records.recorder, stop);
    const checkpoints = await attemptCheckpoints(contract, host.call, records);
    stop.signal.throwIfAborted();
    const { store, recorder, attempt, token } = records;
    const { workflowId, runId } = host;
    recorder.alive();
    working = true;
    const parts: ContextParts = {
      input: parsed,
      store,
      entities: options.entities ?? changingDirectly(options.store),
      checkpoints,
      reports: recorder,
      secrets: options.secrets(),
      signal: stop.signal,
      log: records.logger,
      get scratch() {
        return scratch.path;
      },
      devices: options.devices,
      attempt,
      run: { workflowId, runId, stage: contract.name, call: host.call.stageKey, token },
    };
    const { code } = implementation;
    const result = await (code.kind === 'handler'
      ? runHandler(code, parts)
      : runTrainer(code, parts, { withheld: options.withheld, memory: contract.limits.memory }));
    working = false;
    const output = parseOrThrow(contract.output, result, `stage ${contract.name}: output`, 'TY1004');
    assertSendable(contract.name, output, options.maxPayloadBytes ?? maxPayloadBytes);
    await recorder.flush();
    await sealMetrics(records);
    const log = await records.log.end({ event: 'end', outcome: 'completed' });
    return { output, attempts: attempt, log };
  } catch (error) {
    throw await endFailed(error, {
      stage: contract.name,
      records,
      signal: stop.signal,
      stallMs,
      spending: spending.told,
      logger,
    });
  } finally {
    stopHeartbeats();
    stop.release();
    await spending.stop();
    await scratch.remove();
  }
}

/** A handler that does not end within the grace is abandoned: it shares the worker's process and cannot be killed. */
async function runHandler(handler: StageHandler, parts: ContextParts): Promise<unknown> {
  const { signal } = parts;
  let deadline: NodeJS.Timeout | undefined;
  const abandoned = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      const stop = signal.reason as AttemptStop; // nothing else aborts the signal of stopSignal
      deadline = setTimeout(reject, stop.graceMs, stop);
    });
  });
  try {
    // The contract's own input: checked above.
    const context = buildContext(parts) as Parameters<StageHandler['run']>[0];
    return await runStageCode(context, (context) => Promise.race([handler.run(context), abandoned]));
  } finally {
    clearTimeout(deadline);
  }
}

/** One stage without Temporal: the same attempt that a worker runs, in this process, with breakpoints. @module */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { AttemptHost } from '../activity/attempt-host.js';
import type { StageImplementation } from '../activity/implement-stage.js';
import { runAttempt } from '../activity/run-attempt.js';
import { MemoryStore } from '../artifacts/memory-store.js';
import { openStore } from '../artifacts/open-store.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { EntityAccess } from '../context/entity-access.js';
import type { StageContract, StageInput, StageOutput } from '../contracts/define-stage.js';
import { toMilliseconds } from '../contracts/duration.js';
import type { Progress, SealedLog } from '../contracts/envelope.js';

/** What a stage is run with. */
export interface RunStageOptions<Contract extends StageContract> {
  readonly input: StageInput<Contract>;
  /** Where artifacts and checkpoints go. @default a memory store for a handler, a temporary folder for a trainer */
  readonly store?: ArtifactStore;
  /** Identity of the call: run again with the same store and key, and the attempt resumes. @default a new one */
  readonly stageKey?: string;
  /** Stage key of another call in the store, whose newest checkpoint this one may start from. */
  readonly resumeFrom?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  /** How it changes endpoints and other names. @default by their rules, beside an engine, unsigned */
  readonly entities?: EntityAccess;
  readonly devices?: readonly number[];
  /** Aborting cancels the stage, as Temporal would. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** @default none */
  readonly log?: Logger;
}

/** What a stage run leaves. */
export interface StageRun<Output> {
  readonly output: Output;
  readonly stageKey: string;
  /** 1, 2, …: attempts of this stage key so far. */
  readonly attempts: number;
  /** The log of all attempts; that of a short one lies here, not in the store. */
  readonly log: SealedLog;
}

/**
 * Runs one attempt of a stage; no engine, no worker.
 * @throws AttemptFailure with the failure's class and evidence.
 * @example
 * const { output } = await runStage(evaluateChurn, { input: { model, dataset }, store });
 */
export async function runStage<Contract extends StageContract>(
  implementation: StageImplementation<Contract>,
  options: RunStageOptions<Contract>,
): Promise<StageRun<StageOutput<Contract>>> {
  const { contract } = implementation;
  const stageKey = options.stageKey ?? `local/${contract.name}-${randomUUID()}`;
  const temporary = await mkdtemp(join(tmpdir(), 'trainyard-stage-'));
  try {
    const store = options.store ?? (await storeFor(implementation, temporary));
    const { output, attempts, log } = await runAttempt(
      implementation,
      options.input,
      hostOf(contract, stageKey, options),
      {
        store,
        secrets: () => options.secrets ?? {},
        devices: options.devices ?? [],
        scratchRoot: join(temporary, 'scratch'),
        ...(options.entities && { entities: options.entities }),
        log: options.log ?? pino({ level: 'silent' }),
      },
    );
    // The attempt has checked it against the contract.
    return { output: output as StageOutput<Contract>, stageKey, attempts, log };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A child process cannot see this one's memory. */
function storeFor({ code }: StageImplementation, folder: string): ArtifactStore | Promise<ArtifactStore> {
  return code.kind === 'handler'
    ? new MemoryStore()
    : openStore(`file:${join(folder, 'store')}`, { baseFolder: folder });
}

function hostOf(
  contract: StageContract,
  stageKey: string,
  options: { signal?: AbortSignal; onProgress?: (progress: Progress) => void; resumeFrom?: string },
): AttemptHost {
  const call = { stageKey, generation: 0, project: 'local', stallMs: toMilliseconds(contract.limits.stall) };
  return {
    workflowId: stageKey.slice(0, stageKey.lastIndexOf('/')),
    runId: 'local',
    call: options.resumeFrom === undefined ? call : { ...call, resumeFrom: options.resumeFrom },
    scheduledMs: Date.now(),
    attempt: 1,
    worker: `${process.pid}@local`,
    heartbeat: (progress) => options.onProgress?.(progress),
    signal: options.signal ?? new AbortController().signal,
    stopReason: () => 'cancelled',
  };
}

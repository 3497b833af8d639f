/** Attempts without Temporal: a host of our own over a real file store. @module */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { AttemptHost } from '../../src/activity/attempt-host.js';
import type { StageImplementation } from '../../src/activity/implement-stage.js';
import { type AttemptOptions, runAttempt } from '../../src/activity/run-attempt.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { Progress, StageCall, StageEnvelope } from '../../src/contracts/envelope.js';

/** Calls the same stage as often as one likes: the attempts of one logical call. */
export interface StageCaller {
  readonly store: ArtifactStore;
  readonly scratchRoot: string;
  readonly stageKey: string;
  /** Lines of the worker's log. */
  readonly log: Record<string, unknown>[];
  /** Starts the next attempt. */
  attempt(
    input: unknown,
    options?: Partial<AttemptOptions> & Partial<Omit<StageCall, 'stageKey' | 'project'>>,
  ): RunningAttempt;
}

export interface RunningAttempt {
  readonly envelope: Promise<StageEnvelope>;
  readonly heartbeats: Progress[];
  stop(reason: ReturnType<AttemptHost['stopReason']>): void;
  /** Resolves at the first heartbeat that fits. */
  until(fits: (progress: Progress) => boolean): Promise<void>;
}

let clock = 1_700_000_000_000;

/** A logical call of a stage, a new one unless told; its store and scratch go with the test file. */
export async function callerOf(
  implementation: StageImplementation,
  into?: { readonly store: ArtifactStore; readonly stageKey?: string },
): Promise<StageCaller> {
  const folder = temporaryFolder();
  const store = into?.store ?? (await openFileStore(join(folder, 'store')));
  const scratchRoot = join(folder, 'scratch');
  const stageKey = into?.stageKey ?? `demo/run/${implementation.contract.name}-${(clock += 1_000_000)}`;
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    {},
    {
      write: (line: string) => {
        log.push(JSON.parse(line) as Record<string, unknown>);
      },
    },
  );
  let attempts = 0;
  const attempt: StageCaller['attempt'] = (input, options = {}) => {
    const { stallMs = 60_000, generation = 0, resumeFrom, rollBack, ...rest } = options;
    const controller = new AbortController();
    const heartbeats: Progress[] = [];
    let reason: ReturnType<AttemptHost['stopReason']> = 'cancelled';
    let beaten = () => {};
    const host: AttemptHost = {
      workflowId: 'demo/run',
      runId: 'r-1',
      call: { stageKey, generation, project: 'demo', stallMs, resumeFrom, rollBack },
      scheduledMs: ++clock,
      attempt: ++attempts,
      worker: 'test',
      heartbeat: (progress) => {
        heartbeats.push(progress);
        beaten();
      },
      signal: controller.signal,
      stopReason: () => reason,
    };
    const envelope = runAttempt(implementation, input, host, {
      store,
      secrets: () => ({}),
      devices: [],
      scratchRoot,
      log: logger,
      heartbeatEveryMs: 20,
      ...rest,
    });
    envelope.catch(() => undefined); // looked at by the test, later
    return {
      envelope,
      heartbeats,
      stop: (why) => {
        reason = why;
        controller.abort();
      },
      until: async (fits) => {
        while (!heartbeats.some(fits)) {
          const ended = await Promise.race([
            new Promise<false>((resolve) => {
              beaten = () => {
                resolve(false);
              };
            }),
            envelope.then(() => true),
          ]);
          if (ended && !heartbeats.some(fits)) throw new Error(`no such heartbeat: ${JSON.stringify(heartbeats)}`);
        }
      },
    };
  };
  return { store, scratchRoot, stageKey, log, attempt };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-attempt-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

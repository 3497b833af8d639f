/** Attempts of one stage call, as a worker would make them, for the tests of records. @module */
import { z } from 'zod';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { CheckpointMigrations, CheckpointsKept } from '../../src/contracts/define-stage.js';
import { type AttemptLog, startAttempt } from '../../src/records/attempt-log.js';
import { type Checkpoints, openCheckpoints } from '../../src/records/checkpoints.js';
import { formatToken } from '../../src/records/layout.js';
import { MetricsWriter } from '../../src/records/metrics-segments.js';

export const stageKey = 'churn/run-1/train-11111111-2222-4333-8444-555555555555';
export const State = z.object({ step: z.int() });

export interface Attempt {
  readonly token: string;
  readonly attempt: number;
  readonly log: AttemptLog;
  readonly metrics: MetricsWriter;
  open(): Promise<Checkpoints<z.output<typeof State>>>;
}

export interface AttemptOptions {
  readonly generation?: number;
  readonly stageKey?: string;
  readonly resumeFrom?: string;
  readonly rollBack?: number;
  readonly keep?: CheckpointsKept;
  readonly checkpointVersion?: number;
  readonly migrations?: CheckpointMigrations;
  readonly mayBeShort?: boolean;
  /** Temporal's number of the attempt. @default 1 */
  readonly temporal?: number;
}

/** A store with attempts one second apart. */
export class Call {
  #scheduledMs = 1_700_000_000_000;

  constructor(readonly store: ArtifactStore = new MemoryStore()) {}

  async start(options: AttemptOptions = {}): Promise<Attempt> {
    const { store } = this;
    const { generation = 0, mayBeShort, temporal = 1, ...rest } = options;
    const call = { store, stageKey, ...rest };
    const token = formatToken({
      generation,
      scheduledMs: (this.#scheduledMs += 1000),
      attempt: temporal,
      nonce: '0123abcd',
    });
    const { log, attempt } = await startAttempt({ ...call, token, worker: 'test', mayBeShort });
    const metrics = new MetricsWriter({ ...call, token, attempt });
    const open = () => openCheckpoints({ ...call, token, attempt, state: State, log, metrics });
    return { token, attempt, log, metrics, open };
  }
}

/** Attempts of one training, with real checkpoints in a real store: each may be killed or asked to stop at any step. @module */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { TrainingState } from '../../src/contracts/training-state.js';
import { startAttempt } from '../../src/records/attempt-log.js';
import { type Checkpoints, openCheckpoints } from '../../src/records/checkpoints.js';
import { formatToken } from '../../src/records/layout.js';
import type { LoopContext } from '../../src/training/loop.js';

/** Ends an attempt as a kill does: nothing after it runs. */
export class Killed extends Error {}

/** When an attempt ends before its time, counted in points of curves that it saw. */
export interface Fate {
  readonly killedAfter?: number;
  readonly stoppedAfter?: number;
}

/** The attempts of one call; curves are those that a reader sees, without the points that a resume superseded. */
export class Attempts {
  readonly curves = new Map<number, Record<string, number>>();
  readonly warnings: string[] = [];
  saved = 0;
  #scheduledMs = 1_700_000_000_000;

  constructor(
    readonly store: ArtifactStore,
    readonly stageKey = `digits/run-1/train-${randomUUID()}`,
  ) {}

  /** What `trainLoop` is given in the next attempt. */
  async next({ killedAfter = Infinity, stoppedAfter = Infinity }: Fate = {}): Promise<LoopContext> {
    const checkpoints = await this.#open();
    const base = checkpoints.base?.state.step ?? 0;
    for (const step of [...this.curves.keys()]) if (step > base) this.curves.delete(step);
    const controller = new AbortController();
    let points = 0;
    return {
      checkpoints: {
        latest: () => checkpoints.latest(),
        pending: false,
        save: async (state, files, { numerics }) => {
          const whole = Object.entries(files).map(([name, pieces]) => [name, Buffer.concat(pieces)] as const);
          await checkpoints.save(state, Object.fromEntries(whole), numerics);
          this.saved++;
        },
      },
      track: {
        metrics: (values, { step }) => {
          this.curves.set(step, { ...this.curves.get(step), ...values });
          points++;
          if (points >= killedAfter) throw new Killed();
          if (points >= stoppedAfter) controller.abort(new Error('drained'));
        },
      },
      progress: () => undefined,
      log: pino(
        { level: 'warn' },
        { write: (line: string) => void this.warnings.push((JSON.parse(line) as { msg: string }).msg) },
      ),
      signal: controller.signal,
    };
  }

  async #open(): Promise<Checkpoints<TrainingState>> {
    const { store, stageKey } = this;
    const token = formatToken({
      generation: 0,
      scheduledMs: (this.#scheduledMs += 1000),
      attempt: 1,
      nonce: '0123abcd',
    });
    const { log, attempt } = await startAttempt({ store, stageKey, token, worker: 'test' });
    return openCheckpoints({ store, stageKey, token, attempt, state: TrainingState, log });
  }
}

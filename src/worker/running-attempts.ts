/** The attempts that a worker runs, by priority: which of them makes room for a better one. @module */
import type { AttemptTurns, Turn } from '../activity/stage-activity.js';

/** An attempt that can be asked to make room. */
export interface RunningAttempt {
  readonly run: string;
  readonly stage: string;
  readonly priority: number;
  /** Asks it to save a checkpoint and end, in favour of what waits with priority `to`. */
  yieldTo(to: number): void;
  readonly ended: Promise<void>;
}

interface Entry extends RunningAttempt {
  readonly mayYield: boolean;
  yielding: boolean;
}

/** Told of each attempt by its activity. */
export class RunningAttempts implements AttemptTurns {
  readonly #entries = new Set<Entry>();

  get size(): number {
    return this.#entries.size;
  }

  enter(turn: Turn): ReturnType<AttemptTurns['enter']> {
    const controller = new AbortController();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const entry: Entry = {
      ...turn,
      yielding: false,
      ended,
      yieldTo: (to) => {
        entry.yielding = true;
        controller.abort(to);
      },
    };
    this.#entries.add(entry);
    return {
      signal: controller.signal,
      leave: () => {
        this.#entries.delete(entry);
        end();
      },
    };
  }

  /**
   * The attempt to make room next: of the worst priority, and among those the one that began last. Undefined when none of those that
   * save checkpoints is left, and while one is making room already.
   */
  candidate(): RunningAttempt | undefined {
    const entries = [...this.#entries];
    if (entries.some(({ yielding }) => yielding)) return undefined;
    return entries
      .filter(({ mayYield }) => mayYield)
      .reduce<Entry | undefined>((worst, next) => (worst && worst.priority > next.priority ? worst : next), undefined);
  }
}

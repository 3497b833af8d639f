/** Signs of life of an attempt: on a timer from its start to its end, whatever the trainer does. @module */
import type { Logger } from 'pino';
import type { Progress } from '../contracts/envelope.js';

/** Options of {@link startHeartbeats}. */
export interface HeartbeatOptions {
  /** What a heartbeat carries: a hint for people. */
  readonly current: () => Progress;
  /** Hands a heartbeat to the host. */
  readonly beat: (progress: Progress) => void;
  /** Called after each beat. */
  readonly check: () => void;
  readonly everyMs: number;
  /** Silence after which the server counts the worker as lost. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** Beats on a timer, not at once: the server has just heard of the start, and a short stage needs no word of life. Gives the function that stops it. */
export function startHeartbeats({ current, beat, check, everyMs, timeoutMs, log }: HeartbeatOptions): () => void {
  let lastAt = performance.now();
  const tick = () => {
    const now = performance.now();
    const blockedMs = now - lastAt - everyMs;
    lastAt = now;
    if (blockedMs > timeoutMs / 2)
      log.warn(
        { blockedMs: Math.round(blockedMs) },
        "the worker's event loop was blocked, heartbeats are late: move heavy work into a child process with inChild",
      );
    beat(current());
    check();
  };
  const timer = setInterval(tick, everyMs);
  return () => {
    clearInterval(timer);
  };
}

/** The one signal that tells an attempt to stop, whoever says so: the host, or the stall clock. @module */
import { AttemptStop, type StopReason } from '../context/attempt-stop.js';
import type { AttemptHost } from './attempt-host.js';

/** How long stage code may take to save and end once it is told to; milliseconds. */
export interface Graces {
  /** When its worker goes away, it yields, Temporal pauses or resets the activity, or the budget is spent. @default 60_000 */
  readonly checkpointGraceMs?: number;
  /** When somebody cancelled it. @default 5_000 */
  readonly cancelGraceMs?: number;
}

/** Aborted with an {@link AttemptStop}. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops the attempt for want of progress, or of budget. */
  stop(reason: 'stalled' | 'overspent'): void;
  /** Lets go of the host's signal. */
  release(): void;
}

/** Follows the host's signal. */
export function stopSignal(
  host: AttemptHost,
  { checkpointGraceMs = 60_000, cancelGraceMs = 5_000 }: Graces,
): StopSignal {
  const graceMs: Record<StopReason, number> = {
    drained: checkpointGraceMs,
    yielded: checkpointGraceMs,
    paused: checkpointGraceMs,
    reset: checkpointGraceMs,
    overspent: checkpointGraceMs,
    cancelled: cancelGraceMs,
    // Nobody takes what it would still save.
    timedOut: 0,
    superseded: 0,
    stalled: 0,
  };
  const controller = new AbortController();
  const stop = (reason: StopReason) => {
    controller.abort(new AttemptStop(reason, graceMs[reason], host.yieldedTo?.()));
  };
  const follow = () => {
    stop(host.stopReason());
  };
  if (host.signal.aborted) follow();
  else host.signal.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    stop,
    release: () => {
      host.signal.removeEventListener('abort', follow);
    },
  };
}

/** What an attempt needs of whoever runs it: Temporal's worker, or a test. And how an attempt fails. @module */
import type { StopReason } from '../context/attempt-stop.js';
import type { FailureDetails, Progress, StageCall } from '../contracts/envelope.js';
import type { FailureClass } from '../contracts/failure-classes.js';

/** Runs attempts. */
export interface AttemptHost {
  readonly workflowId: string;
  readonly runId: string;
  readonly call: StageCall;
  /** When the server scheduled this attempt, by its clock: tokens grow with it. */
  readonly scheduledMs: number;
  /** The host's own number of the attempt, which may begin anew; `ctx.attempt` does not. */
  readonly attempt: number;
  /** Who runs it, for people. */
  readonly worker: string;
  /** Called every second while the attempt lives; cancellation may ride back on it. */
  heartbeat(progress: Progress): void;
  /** Aborted when the attempt is to stop. */
  readonly signal: AbortSignal;
  /** Why; asked once the signal is aborted. */
  stopReason(): Exclude<StopReason, 'stalled' | 'overspent'>;
  /** Priority of what it makes room for, where the reason is `yielded`. */
  yieldedTo?(): number;
}

/** An attempt failed: its class decides what happens next. */
export class AttemptFailure extends Error {
  override readonly name = 'AttemptFailure';

  constructor(
    readonly failureClass: FailureClass,
    message: string,
    readonly details: FailureDetails,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Why an attempt that did not fail ended early. */
export type Interruption = 'cancelled' | 'paused' | 'reset';

/** An attempt was told to end and did; the host knows what follows. */
export class AttemptInterrupted extends Error {
  override readonly name = 'AttemptInterrupted';

  constructor(readonly reason: Interruption) {
    super(`the attempt was ${reason}`);
  }
}

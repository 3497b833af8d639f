/** The class of a failure decides what happens next. The classes as data; `type` of Temporal's ApplicationFailure. @module */

/**
 * `inner`: Temporal retries the same activity. `outer`: the workflow adapts the input and schedules anew. `wait`: the workflow waits for a
 * person, then schedules anew. `never`: the stage fails.
 */
export type RetryLoop = 'inner' | 'outer' | 'wait' | 'never';

interface FailureRow {
  readonly loop: RetryLoop;
  /** Whether such an attempt counts against the budget of attempts without progress. */
  readonly budget: 'free' | 'failed' | 'unavailable';
  /** Wait before the next attempt, milliseconds; never 0, which would end the activity. */
  readonly delayMs: number;
}

/** What each class of failure leads to. A lost worker leaves no record and therefore has no row: see `records/attempt-log`. */
export const failureClasses = {
  /** The worker was asked to stop, or a reset took the attempt: nothing is wrong with the stage. */
  Preempted: { loop: 'inner', budget: 'free', delayMs: 1 },
  /** A source could not be reached; the same attempt may succeed later. */
  DataUnavailable: { loop: 'inner', budget: 'unavailable', delayMs: 30_000 },
  /** The newest checkpoint is of a later version of the contract: a newer worker, maybe just being deployed, can go on from it. */
  WorkerTooOld: { loop: 'inner', budget: 'free', delayMs: 30_000 },
  /** Another run makes the very result that this one needs: its cache is looked at again. */
  ResultAwaited: { loop: 'inner', budget: 'free', delayMs: 1_000 },
  /** The process breathed but made no progress for `limits.stall`. */
  Stalled: { loop: 'inner', budget: 'failed', delayMs: 1_000 },
  /** The device is broken, not the stage: the next attempt goes to another one. */
  DeviceFailed: { loop: 'inner', budget: 'failed', delayMs: 1_000 },
  /** Anything unclassified: a bug, possibly a passing one. */
  Failed: { loop: 'inner', budget: 'failed', delayMs: 1_000 },
  OutOfMemory: { loop: 'outer', budget: 'failed', delayMs: 1 },
  /** The loss became NaN or infinite. */
  Diverged: { loop: 'outer', budget: 'failed', delayMs: 1 },
  /** The trainer asks for another pool. */
  PoolChange: { loop: 'outer', budget: 'free', delayMs: 1 },
  /** The run's budget is spent: a checkpoint was saved, and a raise goes on from it. */
  BudgetExhausted: { loop: 'wait', budget: 'free', delayMs: 1 },
  /** A value breaks its contract: the same input would break it again. */
  ContractViolation: { loop: 'never', budget: 'failed', delayMs: 1 },
  /** Too many attempts in a row without a newer checkpoint. */
  NoProgress: { loop: 'never', budget: 'failed', delayMs: 1 },
} as const satisfies Record<string, FailureRow>;

/** The name of a failure class. */
export type FailureClass = keyof typeof failureClasses;

/**
 * Attempts without a newer checkpoint that end a stage as `NoProgress`: failed ones, vanished ones (a lost worker), and those that waited
 * for data, which is an hour of them.
 */
export const attemptsWithoutProgress = { failed: 3, vanished: 10, unavailable: 120 } as const;

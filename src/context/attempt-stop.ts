/** Why an attempt is to stop before its work is done: the reason of its abort signal. @module */
import { z } from 'zod';

/**
 * `cancelled`: somebody asked for it. `drained`: the worker goes away. `yielded`: a better priority has waited too long. `paused`,
 * `reset`, `timedOut`: Temporal's word on the activity. `superseded`: a later attempt has taken over, or nobody waits for this one
 * any more. `stalled`: no progress. `overspent`: the run's budget is spent.
 */
export const StopReason = z.enum([
  'cancelled',
  'drained',
  'yielded',
  'paused',
  'reset',
  'timedOut',
  'superseded',
  'stalled',
  'overspent',
]);
export type StopReason = z.output<typeof StopReason>;

/** The `reason` of `ctx.signal` once it is aborted. */
export class AttemptStop extends Error {
  override readonly name = 'AttemptStop';

  constructor(
    readonly reason: StopReason,
    /** How long the stage's code may still take to save and end; milliseconds. */
    readonly graceMs: number,
    /** Priority of what it makes room for, where it yields. */
    readonly yieldedTo?: number,
  ) {
    super(`the attempt is to stop: ${reason}`);
  }
}

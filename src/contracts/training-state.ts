/** What a training loop keeps in each checkpoint beside its tensors: enough to go on as if it had never stopped. @module */
import { z } from 'zod';

const count = z.int().nonnegative();

/** The `checkpoint` of a stage whose trainer uses `trainLoop`. */
export const TrainingState = z.object({
  /** Optimiser steps done. */
  step: count,
  /** Where the next batch starts. */
  position: z.object({ epoch: count, group: count, offset: count }),
  /** Losses since the last point of the curve: the curve too goes on as if nothing had happened. */
  window: z.object({ sum: z.number(), steps: count }),
  /** The best validation so far; null before the first. */
  best: z.object({ step: count, objective: z.number(), metrics: z.record(z.string(), z.number()) }).nullable(),
  /** Validations since then: early stopping counts them. */
  validationsWithoutGain: count,
  /** Nothing is left to train. */
  finished: z.boolean(),
});
export type TrainingState = z.output<typeof TrainingState>;

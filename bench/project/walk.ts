/** A trainer that only walks: a step, a checkpoint, a step. @module */
import { setTimeout } from 'node:timers/promises';
import { defineTrainer } from 'trainyard/trainer';
import { walk } from './contracts.js';

export default defineTrainer(walk, async ({ input, checkpoints, progress, signal, attempt }) => {
  const resumedAt = (await checkpoints.latest())?.state.step ?? 0;
  let firstStepAtMs = NaN;
  for (let step = resumedAt + 1; step <= input.steps; step++) {
    signal.throwIfAborted();
    await setTimeout(input.stepMs);
    if (Number.isNaN(firstStepAtMs)) firstStepAtMs = Date.now();
    progress(step, input.steps, 'steps');
    await checkpoints.save({ step });
  }
  return { firstStepAtMs, attempt, resumedAt };
});

/** A trainer that only walks: some steps, a checkpoint, some steps. @module */
import { appendFileSync } from 'node:fs';
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
    appendFileSync(input.journal, `${step}\n`);
    progress(step, input.steps, 'steps');
    if (step % input.saveEvery === 0) await checkpoints.save({ step });
  }
  return { firstStepAtMs, attempt, resumedAt };
});

/** Counts in a child process. @module */
import { defineTrainer } from '../../../src/trainer/define-trainer.js';
import { count } from './contracts.js';
import { opened } from './gate.js';

export default defineTrainer(count, async ({ input, checkpoints, track, progress, signal, artifacts }) => {
  const last = await checkpoints.latest();
  let { step, sum } = last?.state ?? { step: 0, sum: input.seed };
  while (step < input.steps) {
    signal.throwIfAborted();
    step += 1;
    if (step === input.holdAt) await opened(input.gate, input.deaf ? undefined : signal);
    sum = (sum * 31 + step) % 1_000_003;
    track.metrics({ loss: 1 / step }, { step });
    await checkpoints.save({ step, sum }, { 'sum.txt': Buffer.from(String(sum)) });
    progress(step, input.steps, 'steps');
  }
  return { sum, model: await artifacts.put(Buffer.from(`model ${sum}`)) };
});

/** Counts in a child process. @module */
import { setTimeout } from 'node:timers/promises';
import { defineTrainer } from '../../../src/trainer/define-trainer.js';
import { opened } from '../../integration/project/gate.js';
import { count } from './contracts.js';

export default defineTrainer(count, async ({ input, attempt, checkpoints, track, progress, signal, artifacts }) => {
  const last = await checkpoints.latest();
  let { step, sum } = last?.state ?? { step: 0, sum: input.seed };
  while (step < input.steps) {
    signal.throwIfAborted();
    step += 1;
    if (step === input.holdAt) await opened(input.gate, signal);
    if (attempt === 1 && step === input.hang?.at) await hang(input.hang.as);
    if (input.stepMs > 0) await setTimeout(input.stepMs, undefined, { signal });
    sum = (sum * 31 + step) % 1_000_003;
    track.metrics({ loss: 1 / step }, { step });
    await checkpoints.save({ step, sum }, { 'sum.txt': Buffer.from(String(sum)), ...filling(input.fillBytes, sum) });
    progress(step, input.steps, 'steps');
  }
  return { sum, model: await artifacts.put(Buffer.from(`model ${sum}`)) };
});

function filling(bytes: number, sum: number): Record<string, Uint8Array> {
  return bytes === 0 ? {} : { 'weights.bin': Buffer.alloc(bytes, `weights ${sum} `) };
}

async function hang(as: 'wait' | 'spin'): Promise<void> {
  for (;;) if (as === 'wait') await setTimeout(100);
}

/** A small deterministic trainer with a checkpoint at each step. @module */
import { createHash } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { defineTrainer } from '../../src/trainer/define-trainer.js';
import { count } from './stages.js';

export default defineTrainer(count, async ({ input, checkpoints, track, progress, signal, seed, log }) => {
  const last = await checkpoints.latest();
  const from = last?.state.step ?? 0;
  let sum = last ? readFileSync(await last.file('sum.txt'), 'utf8') : '0';
  track.params({ steps: input.steps });
  log.info({ from }, 'counting');
  for (let step = from + 1; step <= input.steps; step++) {
    signal.throwIfAborted();
    sum = String((Number(sum) * 31 + step * (seed % 97)) % 1_000_003);
    await setTimeout(input.stepMs);
    if (step === input.steps) await behave(input.mood);
    track.metrics(
      { sum: Number(sum), ...(input.mood === 'nan' && step === input.steps ? { loss: NaN } : {}) },
      { step },
    );
    await checkpoints.save({ step }, { 'sum.txt': Buffer.from(sum) }, { numerics: { node: process.versions.node } });
    progress(step, input.steps, 'steps');
  }
  if (input.mood === 'wrong output') return { sum: 0.5, from, sha256: '' };
  return { sum: Number(sum), from, sha256: createHash('sha256').update(sum).digest('hex') };

  async function behave(mood: string): Promise<void> {
    if (mood === 'busy') for (;;);
    if (mood === 'silent') await setTimeout(1_000_000);
    if (mood === 'crash') throw new Error('the disk is on fire');
    if (mood === 'exit') process.exit(7);
    if (mood === 'garbage') writeSync(3, 'epoch 1/10\n');
    if (mood === 'wrong state') await checkpoints.save({ step: 0.5 });
    if (mood === 'heap') process.abort();
  }
});

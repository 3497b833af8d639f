/** Counts, and takes memory for each member of its batch. @module */
import { defineTrainer } from '../../../src/trainer/define-trainer.js';
import { hunger } from './contracts.js';

const memberBytes = 16 * 1024 * 1024;

export default defineTrainer(hunger, async ({ input, checkpoints, progress }) => {
  const last = await checkpoints.latest();
  let { step, sum } = last?.state ?? { step: 0, sum: 1 };
  const members: Buffer[] = [];
  while (step < input.steps) {
    step += 1;
    // Written to, or the kernel gives none.
    while (step >= input.hungryAt && members.length < input.batch) members.push(Buffer.alloc(memberBytes, 1));
    sum = (sum * 31 + step) % 1_000_003;
    await checkpoints.save({ step, sum }, {}, { durable: true });
    progress(step, input.steps, `steps, ${members.length} members`);
  }
  return { batch: input.batch, sum };
});

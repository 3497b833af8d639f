/** The contract of the small trainers in this folder. @module */
import { z } from 'zod';
import { defineStage } from '../../src/contracts/define-stage.js';

/** A sum over the steps that depends on their order and on the seed: broken or not, it must come out the same. */
export const count = defineStage('count', {
  pool: 'gpu',
  input: z.object({
    steps: z.int().positive(),
    /** What it does at its last step, beside counting. */
    mood: z
      .enum([
        'good',
        'busy',
        'silent',
        'nan',
        'crash',
        'exit',
        'garbage',
        'wrong output',
        'wrong state',
        'heap',
        'allocator',
      ])
      .default('good'),
    stepMs: z.number().default(0),
  }),
  output: z.object({ sum: z.int(), from: z.int(), sha256: z.string() }),
  checkpoint: z.object({ step: z.int() }),
});

/** A step that needs 0.8 GB as a whole, more than 0.4 GB of them at one moment, and 0.25 GB in sixteen parts. */
export const wide = defineStage('wide', {
  pool: 'gpu',
  input: z.object({ microBatches: z.int().positive().default(1) }),
  output: z.object({ loss: z.number() }),
  limits: { memory: '340 MiB' },
  adaptations: {
    OutOfMemory: { atMost: 4, adapt: ({ microBatches }) => ({ input: { microBatches: 2 * microBatches } }) },
  },
});

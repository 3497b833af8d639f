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
      .enum(['good', 'busy', 'silent', 'nan', 'crash', 'exit', 'garbage', 'wrong output', 'wrong state', 'heap'])
      .default('good'),
    stepMs: z.number().default(0),
  }),
  output: z.object({ sum: z.int(), from: z.int(), sha256: z.string() }),
  checkpoint: z.object({ step: z.int() }),
});

/** A pipeline of slices that ends as its input says. @module */
import { z } from 'zod';
import { definePipeline } from '../../src/contracts/define-pipeline.js';

export const sliced = definePipeline('sliced', {
  input: z.object({ from: z.string(), to: z.string(), fail: z.boolean().default(false) }),
  output: z.object({ to: z.string() }),
  stages: {},
});

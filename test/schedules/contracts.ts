/** Pipelines of slices: one ends as its input says, the other when it is told. @module */
import { z } from 'zod';
import { definePipeline } from '../../src/contracts/define-pipeline.js';

export const sliced = definePipeline('sliced', {
  input: z.object({ from: z.string(), to: z.string(), fail: z.boolean().default(false) }),
  output: z.object({ to: z.string() }),
  stages: {},
});

export const held = definePipeline('held', { input: z.object({}), output: z.object({}), stages: {} });

/** Signal to a held run. */
export const goOnSignal = 'goOn';

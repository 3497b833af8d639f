/** A pipeline whose runs go on until they are told how to end. @module */
import { z } from 'zod';
import { definePipeline } from '../../src/contracts/define-pipeline.js';

export const held = definePipeline('held', {
  input: z.object({}),
  output: z.object({ began: z.iso.datetime() }),
  stages: {},
});

/** A pipeline that waits for a person, so that its code can change meanwhile. @module */
import { z } from 'zod';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';

export const versioned = definePipeline('versioned', {
  input: z.object({}),
  output: z.object({ version: z.string() }),
  stages: {},
  approvals: ['go'],
});

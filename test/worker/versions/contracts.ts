/** Pipelines that wait, so that their code can change meanwhile. @module */
import { z } from 'zod';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';

export const versioned = definePipeline('versioned', {
  input: z.object({}),
  output: z.object({ version: z.string() }),
  stages: {},
  approvals: ['go'],
});

export const looping = definePipeline('looping', {
  input: z.object({ rounds: z.array(z.string()).default([]) }),
  output: z.object({ rounds: z.array(z.string()) }),
  stages: {},
});

/** A pipeline that waits for a person, so that its code can change meanwhile. @module */
import { z } from 'zod';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';
import { defineStage } from '../../../src/contracts/define-stage.js';

export const train = defineStage('train', { pool: 'cpu', input: z.object({}), output: z.object({}) });
export const audit = defineStage('audit', { pool: 'cpu', input: z.object({}), output: z.object({}) });

export const promoting = definePipeline('promoting', {
  input: z.object({}),
  output: z.object({ verdict: z.string() }),
  stages: { train, audit },
  approvals: ['go'],
});

/** A stage that says which device it had. @module */
import { z } from 'zod';
import { definePipeline } from '../../src/contracts/define-pipeline.js';
import { defineStage } from '../../src/contracts/define-stage.js';

export const onDevice = defineStage('onDevice', {
  pool: 'gpu',
  input: z.object({ broken: z.array(z.int()) }),
  output: z.object({ device: z.int() }),
});

export const usingDevice = definePipeline('usingDevice', {
  input: z.object({ broken: z.array(z.int()) }),
  output: z.object({ device: z.int() }),
  stages: { onDevice },
});

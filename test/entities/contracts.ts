/** A pipeline whose runs go on until they are told how to end; and two that register models. @module */
import { z } from 'zod';
import { definePipeline } from '../../src/contracts/define-pipeline.js';
import { Ref } from '../../src/contracts/refs.js';

export const held = definePipeline('held', {
  input: z.object({}),
  output: z.object({ began: z.iso.datetime() }),
  stages: {},
});

export const registering = definePipeline('registering', {
  input: z.object({ model: Ref }),
  output: z.object({ version: z.int() }),
  stages: {},
});

/** Makes its model the champion when a person has approved. */
export const promoting = definePipeline('promoting', {
  input: z.object({ model: Ref }),
  output: z.object({ binding: z.string() }),
  stages: {},
  approvals: { promotion: { expiresIn: '1 day' } },
});

/** The pipelines of the cases. @module */
import { z } from 'zod';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';
import { defineStage } from '../../../src/contracts/define-stage.js';

/** Fails on purpose in its first attempts. */
export const flaky = defineStage('flaky', {
  pool: 'cpu',
  input: z.object({ failures: z.int() }),
  output: z.object({ attempt: z.int() }),
});

/** Returns something else than it promises: never retried. */
export const broken = defineStage('broken', {
  pool: 'cpu',
  input: z.object({}),
  output: z.object({ auc: z.number() }),
});

/** Waits in its first attempts until it is told to stop, and obeys. */
export const patient = defineStage('patient', {
  pool: 'cpu',
  input: z.object({ waits: z.int() }),
  output: z.object({ attempt: z.int() }),
});

export const retrying = definePipeline('retrying', {
  input: z.object({ failures: z.int() }),
  output: z.object({ attempt: z.int(), failure: z.string() }),
  stages: { flaky, broken },
});

export const waiting = definePipeline('waiting', {
  input: z.object({ waits: z.int() }),
  output: z.object({ attempt: z.int() }),
  stages: { patient },
});

export const asking = definePipeline('asking', {
  input: z.object({}),
  output: z.object({ verdict: z.string() }),
  stages: { flaky },
  approvals: ['promotion'],
});

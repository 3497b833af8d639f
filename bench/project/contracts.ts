/** Six stages that count, called in a row; and a slow one that is killed. @module */
import { definePipeline, defineSchedule, defineStage, ListRef } from 'trainyard';
import { z } from 'zod';

const count = z.object({ count: z.int() });
const options = { pool: 'cpu', input: count, output: count } as const;

export const one = defineStage('one', options);
export const two = defineStage('two', options);
export const three = defineStage('three', options);
export const four = defineStage('four', options);
export const five = defineStage('five', options);
export const six = defineStage('six', options);

export const sixStages = definePipeline('sixStages', {
  input: count,
  output: count,
  stages: { one, two, three, four, five, six },
});

/** The first stage, over the items of a list. */
export const oneOfMany = definePipeline('oneOfMany', {
  input: z.object({ items: ListRef.of(count), concurrency: z.int() }),
  output: z.object({ results: ListRef.of(count), failed: z.int() }),
  stages: { one },
});

/** So many of the first stage, in a row or all at once. */
export const ones = definePipeline('ones', {
  input: z.object({ stages: z.int(), atOnce: z.boolean() }),
  output: count,
  stages: { one },
});

/** The same work, once for each input. */
export const oneKept = defineStage('oneKept', { ...options, cache: true });

export const oneFromCache = definePipeline('oneFromCache', { input: count, output: count, stages: { oneKept } });

export const walk = defineStage('walk', {
  pool: 'cpu',
  /** `journal` is a file that gets a line a step. */
  input: z.object({ steps: z.int(), stepMs: z.int(), saveEvery: z.int(), journal: z.string() }),
  /** When the last attempt had done its first step, by the clock of this machine. */
  output: z.object({ firstStepAtMs: z.number(), attempt: z.int(), resumedAt: z.int() }),
  checkpoint: z.object({ step: z.int() }),
  limits: { heartbeat: '3 seconds' },
});

/** A training whose state is large. */
export const large = defineStage('large', {
  pool: 'cpu',
  input: z.object({ pairs: z.int(), stepsPerSpan: z.int() }),
  /** Milliseconds of spans of equally many steps, with a checkpoint and without; `waited`: what the training stood still for it. */
  output: z.object({
    stateBytes: z.int(),
    pairs: z.array(z.object({ without: z.number(), with: z.number(), waited: z.number() })),
  }),
  checkpoint: z.object({ span: z.int() }),
});

export const walking = definePipeline('walking', { input: walk.input, output: walk.output, stages: { walk } });

/** A run of nothing, once a minute. */
export const oneSlice = definePipeline('oneSlice', {
  input: z.object({ from: z.string(), to: z.string() }),
  output: z.object({ to: z.string() }),
  stages: {},
});

export const minutes = defineSchedule('minutes', {
  pipeline: oneSlice,
  input: ({ from, to }) => ({ from, to }),
  intervals: [{ every: '1 minute' }],
  concurrency: 50,
});

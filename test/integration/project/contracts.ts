/** A small project that the tests run as a user would: stages that count, wait, break and read. @module */
import { z } from 'zod';
import { defineMonitor } from '../../../src/contracts/define-monitor.js';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';
import { defineSchedule } from '../../../src/contracts/define-schedule.js';
import { defineStage } from '../../../src/contracts/define-stage.js';
import { Ref } from '../../../src/contracts/refs.js';

/** Where code under test waits until the test lets it pass: it holds while the file is missing. */
const gate = z.string().optional();

/** In the worker: gives the seed on. */
export const prepare = defineStage('prepare', {
  pool: 'cpu',
  input: z.object({ seed: z.int(), gate }),
  output: z.object({ seed: z.int() }),
});

const Counting = z.object({
  seed: z.int().default(1),
  steps: z.int().positive(),
  /** Waits before this step until the gate opens. */
  holdAt: z.int().optional(),
  gate,
  /** Waits without looking at the signal. */
  deaf: z.boolean().default(false),
});

/** In a child process: a sum that depends on the order of its steps, with a checkpoint after each. */
export const count = defineStage('count', {
  pool: 'gpu',
  input: Counting,
  output: z.object({ sum: z.int(), model: Ref }),
  checkpoint: z.object({ step: z.int(), sum: z.int() }),
});

export const counting = definePipeline('counting', {
  description: 'counts, with a checkpoint after each step',
  input: Counting.extend({
    /** Silence in seconds after which a lost worker is missed. */
    heartbeatSeconds: z.int().positive().default(600),
    prepareGate: gate,
    pool: z.string().default('gpu'),
  }),
  output: z.object({ sum: z.int(), model: Ref }),
  stages: { prepare, count },
});

export const releasing = definePipeline('releasing', {
  input: z.object({ auc: z.number() }),
  output: z.object({ outcome: z.enum(['deployed', 'rejected']), by: z.string() }),
  stages: {},
  approvals: ['release'],
});

/** Two people of risk decide, and not whoever started it; from an evaluation's report, where there is one. */
export const guarding = definePipeline('guarding', {
  input: z.object({ evidence: z.json() }),
  output: z.object({ verdict: z.string(), by: z.array(z.string()), binding: z.string() }),
  stages: {},
  approvals: { promotion: { deciders: 2, roles: ['risk'], notAuthor: true, expiresIn: '21 days' } },
});

/** Its code returns something else than it promises. */
export const broken = defineStage('broken', {
  pool: 'cpu',
  input: z.object({}),
  output: z.object({ auc: z.number() }),
});

export const breaking = definePipeline('breaking', {
  input: z.object({}),
  output: z.object({ auc: z.number() }),
  stages: { broken },
});

/** Reads a JSON artifact. */
export const read = defineStage('read', {
  pool: 'cpu',
  input: z.object({ artifact: Ref }),
  output: z.object({ value: z.json() }),
});

export const reading = definePipeline('reading', {
  input: z.object({ artifact: Ref }),
  output: z.object({ value: z.json() }),
  stages: { read },
});

/** Cached: leaves a line in a file each time that it really runs. */
export const sum = defineStage('sum', {
  pool: 'cpu',
  cache: true,
  input: z.object({ numbers: z.array(z.int()), trace: z.string(), gate }),
  output: z.object({ sum: z.int(), artifact: Ref }),
});

export const summing = definePipeline('summing', { input: sum.input, output: sum.output, stages: { sum } });

/** Sends its only stage to a pool that no test serves. */
export const waiting = definePipeline('waiting', {
  input: z.object({}),
  output: z.object({ seed: z.int() }),
  stages: { prepare },
});

/** Takes a span and ends. */
export const slicing = definePipeline('slicing', {
  input: z.object({ from: z.string(), to: z.string() }),
  output: z.object({ to: z.string() }),
  stages: {},
});

export const dawn = defineSchedule('dawn', {
  pipeline: slicing,
  input: ({ from, to }) => ({ from, to }),
  cron: ['30 2 * * *'],
  timeZone: 'Europe/Berlin',
  budget: { cost: 5 },
});

/** Finds drift in its first look, and fails in the second. */
export const glancing = defineMonitor('glancing', {
  stages: {},
  endpoint: 'counted',
  every: '20 minutes',
  closeAfter: 1,
});

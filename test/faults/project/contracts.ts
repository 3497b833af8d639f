/** The project that faults are tried on: stages that count, learn, misbehave and crash, each with its pipeline. @module */
import { z } from 'zod';
import { defineLoop } from '../../../src/contracts/define-loop.js';
import { defineMonitor } from '../../../src/contracts/define-monitor.js';
import { definePipeline } from '../../../src/contracts/define-pipeline.js';
import { defineStage } from '../../../src/contracts/define-stage.js';
import { ListRef, Ref } from '../../../src/contracts/refs.js';
import { TrainingState } from '../../../src/contracts/training-state.js';

/** Where the stage runs, and how soon it is missed there. */
const Place = z.object({
  pool: z.string().default('cpu'),
  /** Silence in seconds after which a worker is missed. */
  heartbeatSeconds: z.int().positive().default(600),
  /** No progress for so many seconds fails an attempt. */
  stallSeconds: z.int().positive().default(600),
});

const Counting = z.object({
  seed: z.int().default(1),
  steps: z.int().positive(),
  /** How long each step takes, milliseconds. */
  stepMs: z.int().nonnegative().default(0),
  /** Each checkpoint has a file of so many bytes beside its state. */
  fillBytes: z.int().nonnegative().default(0),
  /** Waits before this step while the file `gate` is missing. */
  holdAt: z.int().optional(),
  gate: z.string().optional(),
  /** What the first attempt does before that step instead of it: hang and let the event loop turn, or never let it turn. */
  hang: z.object({ at: z.int(), as: z.enum(['wait', 'spin']) }).optional(),
});

/** A sum that depends on the order of its steps, with a checkpoint after each. */
export const count = defineStage('count', {
  pool: 'cpu',
  input: Counting,
  output: z.object({ sum: z.int(), model: Ref }),
  checkpoint: z.object({ step: z.int(), sum: z.int() }),
});

export const counting = definePipeline('counting', {
  input: Counting.extend(Place.shape),
  output: z.object({ sum: z.int(), model: Ref }),
  stages: { count },
});

const Learning = z.object({
  seed: z.int().default(1),
  steps: z.int().positive(),
  stepMs: z.int().nonnegative().default(0),
  rate: z.number().positive().default(1e-2),
  /** At this step the numbers are not finite, unless the rate is low. */
  divergeAt: z.int().optional(),
});

/** A small network, really trained: its model's bytes tell whether a resume is exact. */
export const learn = defineStage('learn', {
  pool: 'cpu',
  input: Learning,
  output: z.object({ model: Ref }),
  checkpoint: TrainingState,
  adaptations: {
    Diverged: { atMost: 2, adapt: (input) => ({ input: { ...input, rate: input.rate / 10 }, rollBack: 1 }) },
  },
});

export const learning = definePipeline('learning', {
  input: Learning.extend(Place.shape),
  output: z.object({ model: Ref }),
  stages: { learn },
});

const Hungering = z.object({
  steps: z.int().positive(),
  /** Each of its members takes 16 MiB, from the step `hungryAt` on. */
  batch: z.int().positive(),
  hungryAt: z.int(),
});

/** Takes more memory than it may, unless its batch is small. */
export const hunger = defineStage('hunger', {
  pool: 'cpu',
  input: Hungering,
  output: z.object({ batch: z.int(), sum: z.int() }),
  checkpoint: z.object({ step: z.int(), sum: z.int() }),
  limits: { memory: '400 MiB' },
  adaptations: {
    OutOfMemory: { atMost: 4, adapt: (input) => ({ input: { ...input, batch: Math.ceil(input.batch / 2) } }) },
  },
});

export const hungering = definePipeline('hungering', {
  input: Hungering.extend(Place.shape),
  output: z.object({ batch: z.int(), sum: z.int() }),
  stages: { hunger },
});

/** Ends as it is imported. */
export const crash = defineStage('crash', { pool: 'cpu', input: z.object({}), output: z.object({}) });

export const crashing = definePipeline('crashing', { input: Place, output: z.object({}), stages: { crash } });

const Garbling = z.object({
  /** Which of `garbledLines` the first attempt says. */
  line: z.int().nonnegative(),
});

/** Says something broken on its first attempt, and what is right on the second. */
export const garble = defineStage('garble', {
  pool: 'cpu',
  input: Garbling,
  output: z.object({ attempt: z.int() }),
  checkpoint: z.object({ step: z.int() }),
});

export const garbling = definePipeline('garbling', {
  input: Garbling.extend(Place.shape),
  output: z.object({ attempt: z.int() }),
  stages: { garble },
});

const Bursting = z.object({
  what: z.enum(['output', 'note', 'unit', 'error', 'log', 'evidence']),
  bytes: z.int().positive(),
});

/** In a child: says something far too long. */
export const burst = defineStage('burst', { pool: 'cpu', input: Bursting, output: z.object({ text: z.string() }) });

/** In the worker itself: likewise. */
export const burstInWorker = defineStage('burstInWorker', {
  pool: 'cpu',
  input: Bursting,
  output: z.object({ text: z.string() }),
});

export const bursting = definePipeline('bursting', {
  input: Bursting.extend(Place.shape).extend({ inWorker: z.boolean() }),
  output: z.object({ text: z.string() }),
  stages: { burst, burstInWorker },
});

const Marking = z.object({
  n: z.int(),
  /** Where each of its runs leaves its marks. */
  folder: z.string(),
});

/** Marks that it began and that it ended, and squares. */
export const mark = defineStage('mark', { pool: 'cpu', input: Marking, output: z.object({ square: z.int() }) });

export const marking = definePipeline('marking', {
  input: z.object({ items: ListRef.of(Marking), concurrency: z.int().positive() }).extend(Place.shape),
  output: z.object({ results: ListRef.of(mark.output), failed: z.int() }),
  stages: { mark },
});

/** What a loop's rounds and a monitor's looks are told of the place where they run: their settings. */
export const MarkingPlace = z.object({ folder: z.string() }).extend(Place.shape);

/** A loop that trains again and again; what its rounds do leaves marks. */
export const retraining = defineLoop('retraining', {
  stages: { mark },
  endpoint: 'marked',
  triggers: { every: '500 ms' },
  window: { fresh: '1 day' },
  gate: { margin: 0.005 },
  debounce: '0 ms',
  coolDown: '0 ms',
});

/** A monitor whose looks leave marks, and find something in two of four. */
export const overseeing = defineMonitor('overseeing', {
  stages: { mark },
  endpoint: 'marked',
  every: '500 ms',
  closeAfter: 1,
});

const Watching = z.object({
  /** Events of all its histories together after which it ends. */
  events: z.int().positive(),
  folder: z.string(),
  /** What earlier runs have done. */
  past: z
    .object({ events: z.int(), ticks: z.int(), sum: z.int(), told: z.int() })
    .default({ events: 0, ticks: 0, sum: 0, told: 0 }),
});

/** A loop that ticks for years, and takes numbers that it is told meanwhile. */
export const watching = definePipeline('watching', {
  input: Watching.extend(Place.shape),
  output: z.object({ ticks: z.int(), sum: z.int(), told: z.int() }),
  stages: { mark },
  budget: { deviceHours: 1_000 },
});

/** Stages side by side in each tick. */
export const lanes = 8;

/** Name of the Update that tells a number: 1, 2, 3 …; gives the last one known. */
export const tellUpdate = 'tell';

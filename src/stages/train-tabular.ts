/** The stage `train`: rows in, a model of one column out. @module */
import { z } from 'zod';
import { columnsOf, type RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ModelRef, Ref, Sha256 } from '../contracts/refs.js';
import { TrainingState } from '../contracts/training-state.js';
import { type ColumnName, columnName } from './column-name.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { type Task, taskOf } from './task.js';

/** What the adaptations read of the input. */
type Adaptable = Pick<TrainTabularSettings, 'batchSize' | 'microBatches' | 'rate'>;

/**
 * Out of memory: the same batches in twice as many parts, down to one row each; the mathematics stays. Diverged: half the rate, from
 * the checkpoint before the newest, in which the beginning of it may be.
 */
const adaptations = {
  OutOfMemory: {
    atMost: 4,
    adapt: <Input extends Adaptable>(input: Input) => {
      const microBatches = 2 * input.microBatches;
      return microBatches > input.batchSize ? undefined : { input: { ...input, microBatches } };
    },
  },
  Diverged: {
    atMost: 3,
    adapt: <Input extends Adaptable>(input: Input) => ({ input: { ...input, rate: input.rate / 2 }, rollBack: 1 }),
  },
} as const;

/** What the model answers for a row, by task. */
const answers = {
  /** `probability` = 1 / (1 + e^−logit), that the target is true. */
  classification: z.object({ logit: z.number(), probability: z.number() }),
  /** In the target's unit. */
  regression: z.object({ prediction: z.number() }),
} as const;

const share = z.number().min(0).max(0.9);

/** How to train; everything has a default. */
const settings = {
  /** The split that is trained on, where the dataset has splits. */
  trainSplit: z.string().default('train'),
  /** A split to validate on. Not the one that is reported on later: early stopping has seen it. */
  validationSplit: z.string().optional(),
  /** Without one: the share of the trained split that is held out for validation; the same rows in every run. */
  validationShare: share.default(0.1),
  /** Which rows: any, by a hash of the row's number; or the last, where rows are in order of time and what counts is the future. */
  holdOut: z.enum(['random', 'last']).default('random'),
  /** Units of each hidden layer. */
  hidden: z.array(z.int().positive()).default([64, 32]),
  dropout: share.default(0.1),
  /** An embedding of n words has 1.6 · n^0.56 numbers, at most so many. */
  maxEmbeddingWidth: z.int().positive().default(16),
  /** A word that occurs less often in training is unknown. */
  minWordCount: z.int().positive().default(5),
  /** Share of words that training makes unknown, so that unknown ones mean something. */
  unknownShare: share.default(0.02),
  epochs: z.int().positive().default(10),
  batchSize: z.int().positive().default(256),
  /** Parts that a batch goes through the training in, with one update for all: less memory, the same mathematics but for rounding. */
  microBatches: z.int().positive().default(1),
  /** The greatest learning rate. */
  rate: z.number().positive().default(1e-3),
  /** `cosine` falls to 0 at the last step. */
  schedule: z.enum(['constant', 'cosine']).default('cosine'),
  /** Share of the steps in which the rate rises to `rate`. */
  warmUp: share.default(0.05),
  weightDecay: z.number().nonnegative().default(0.01),
  /** The gradient's greatest norm. */
  clipNorm: z.number().positive().default(1),
  /** Of false and true, in the loss. */
  classWeights: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).optional(),
  /** Steps between validations; by default one for each epoch. */
  validateEvery: z.int().positive().optional(),
  /** Validations in a row without a lower loss that end the training. */
  patience: z.int().positive().default(3),
  /** Rows that are shuffled together, in memory. */
  bufferRows: z.int().positive().default(65_536),
  /** Fixed for a run: more than two may give other bytes. */
  threads: z.int().positive().default(2),
  /** By default drawn from the stage call: name one to get the same bytes in two runs. */
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 32 - 1)
    .optional(),
  /** Seconds are stretched so that saving costs less than 3 % of the time. */
  checkpointEvery: z
    .union([z.object({ seconds: z.number().positive() }), z.object({ steps: z.int().positive() })])
    .default({ seconds: 2 }),
};

/** The settings with their defaults. */
export type TrainTabularSettings = z.output<z.ZodObject<typeof settings>>;

const output = {
  /** Rows with the trainer's own outputs: what `deploy` compares the served model with. */
  parity: Ref,
  steps: z.int().nonnegative(),
  /** Whole epochs that were trained. */
  epochs: z.int().nonnegative(),
  /** The step whose weights the model has: that of the lowest validation loss. */
  bestStep: z.int().nonnegative(),
  /** Of the held-out rows at that step: `validationLoss`, and `auc` or `rmse`; empty where none were held out. */
  validation: z.record(z.string(), z.number()),
  /** Digest of the model's weights alone, as a safetensors file. */
  weights: Sha256,
};

/** Of which kind the input of any contract that {@link trainTabularStage} makes is: what implementations rely on. */
export interface TrainTabularInput extends TrainTabularSettings {
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly target: string;
  readonly features: readonly string[];
}

/** Of which kind its output is. */
export type TrainTabularOutput = z.output<z.ZodObject<typeof output>> & { readonly model: ModelRef };

/** Any contract that {@link trainTabularStage} makes. */
export type TrainTabularContract = StageFamily<
  TrainTabularInput,
  z.ZodType<TrainTabularOutput, TrainTabularOutput>,
  typeof TrainingState
>;

/**
 * A contract of the stage `train` for tables; `tabularTrainer` implements it. Input: the dataset, `features` (default: all
 * columns but the target) and how to train; numbers are standardised, missing ones included, words and instants too.
 * @throws TrainyardError TY2040 for a target that is neither a boolean nor a number.
 * @example
 * export const train = trainTabularStage({ row: Flight, target: 'late' });
 * // in a pipeline: const { model, parity } = await stages.train({ dataset, epochs: 5 });
 */
export function trainTabularStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'train',
  const Pool extends PoolName = 'gpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  const task = taskOf(row, target);
  const column = columnName(row);
  // The names of the row's own columns.
  const features = columnsOf(row).flatMap(({ name }) => (name === target ? [] : [name as ColumnName<Row>]));
  return standardStage({ name: 'train', pool: 'gpu' }, options, {
    description: `Trains a model of ${target}`,
    input: z.object({
      dataset: DatasetRef.of(row),
      target: z.literal(target).default(target),
      features: z.array(column).min(1).default(features),
      ...settings,
    }),
    output: z.object({ model: modelOf(row, task), ...output }),
    checkpoint: TrainingState,
    adaptations,
  });
}

function modelOf<Row extends RowSchema, Of extends Task>(row: Row, task: Of) {
  return ModelRef.of<Row, (typeof answers)[Of]>({ input: row, output: answers[task] });
}

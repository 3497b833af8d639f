/** What the training bench trains: two networks, each with rows to train on, the same for both sides. @module */
import { Flight, train } from '../examples/01-flight-delays/contracts.js';
import { columnsOf } from '../src/contracts/columns.js';
import { randomUniform } from '../src/data/philox.js';
import { idsInput, numberLayout, numbersInput } from '../src/training/encode-rows.js';
import type { Batch } from '../src/training/feeds.js';
import type { Network } from '../src/training/layers.js';
import { binaryCrossEntropy, softmaxCrossEntropy } from '../src/training/losses.js';
import { adam, adamW } from '../src/training/optimisers.js';
import { constantRate } from '../src/training/schedules.js';
import { embeddingWidth, tabularNetwork } from '../src/training/tabular-model.js';
import type { TrainStepOptions } from '../src/training/train-step.js';

/** A network, and the rows that it is trained on again and again. */
export interface Task {
  readonly name: string;
  readonly batchSize: number;
  readonly batches: readonly Batch[];
  /** Steps of a timed round. */
  readonly steps: number;
  readonly dropout: number;
  options(dropout: number): TrainStepOptions;
  /** The same for peers/pytorch_training.py. */
  readonly peer: Readonly<Record<string, unknown>>;
}

const seed = 7;
const rate = 1e-3;

/** 784-256-128-10, batch 128, Adam; a row's pixels are noise and the mark of its class. */
export function mlpTask(): Task {
  const [batchSize, pixels, classes, hidden] = [128, 784, 10, [256, 128]];
  const marks = uniform(0, classes * pixels);
  const batches = Array.from({ length: 64 }, (_, batch) => {
    const target = BigInt64Array.from({ length: batchSize }, (_, row) => BigInt((row * 7 + batch) % classes));
    const numbers = uniform(1 + batch, batchSize * pixels).map((noise, at) => {
      const mark = Number(target[Math.floor(at / pixels)]) * pixels + (at % pixels);
      return (3 * noise + (marks[mark] ?? 0)) / 4;
    });
    return { numbers, target };
  });
  const network: Network = {
    inputs: { numbers: { dtype: 'float32', shape: ['batch', pixels] } },
    forward(layers, { numbers }) {
      if (!numbers) throw new RangeError('the input is declared above');
      const last = hidden.reduce((x, units, at) => layers.ops.relu(layers.dense(`hidden.${at}`, x, units)), numbers);
      return layers.dense('output', last, classes);
    },
  };
  return {
    name: 'MLP 784-256-128-10, batch 128, Adam',
    batchSize,
    batches,
    steps: 32,
    dropout: 0,
    options: () => ({ network, loss: softmaxCrossEntropy(), optimiser: adam(), rate: constantRate(rate), seed }),
    peer: { loss: 'crossEntropy', batchSize, numbers: pixels, tables: [], hidden, outputs: classes, rate },
  };
}

/** Known words in January to April. */
const words: Readonly<Record<string, number>> = { carrier: 15, origin: 3, dest: 97 };

/** Example 01's network with its stage's defaults, on random rows of its columns, a tenth of them held out by weight 0. */
export function flightsTask(): Task {
  const columns = columnsOf(Flight);
  const settings = train.input.parse({
    dataset: { kind: 'dataset', uri: '', sha256: '0'.repeat(64), sizeBytes: 0, rows: 0, columns, splits: {} },
  });
  const { hidden, dropout, maxEmbeddingWidth, weightDecay, clipNorm, batchSize } = settings;
  const features = columns.filter(({ name }) => name !== settings.target);
  const categories = features.flatMap((column) => {
    const known = words[column.name];
    return known === undefined ? [] : [{ column, words: Array.from({ length: known + 1 }, (_, id) => String(id)) }];
  });
  const numbers = features
    .filter(({ type }) => type !== 'string')
    .map((column) => ({ column, mean: 0, deviation: 1, low: -10, high: 10, indicator: column.nullable }));
  const preprocessing = { numbers, categories };
  const { width } = numberLayout(preprocessing);
  const tables = categories.map(({ column, words: { length: rows } }) => {
    return { name: column.name, rows, width: embeddingWidth(rows, maxEmbeddingWidth) };
  });
  const batches = Array.from({ length: 64 }, (_, batch) => {
    const layer = batch * 8;
    const ids = tables.map(({ name, rows }, at) => {
      return [
        idsInput(name),
        BigInt64Array.from(uniform(layer + at, batchSize), (u) => BigInt(Math.floor(u * rows))),
      ] as const;
    });
    const values = uniform(layer + 5, batchSize * width).map((u) => 4 * u - 2);
    const target = uniform(layer + 6, batchSize).map((u, row) => Number(u < 0.5 + 0.1 * (values[row * width] ?? 0)));
    const weight = uniform(layer + 7, batchSize).map((u) => Number(u >= settings.validationShare));
    return { [numbersInput]: values, ...Object.fromEntries(ids), target, weight };
  });
  return {
    name: `example 01's network, batch ${batchSize}, AdamW`,
    batchSize,
    batches,
    steps: 64,
    dropout,
    options: (dropout) => ({
      network: tabularNetwork(preprocessing, { hidden, dropout, maxEmbeddingWidth }),
      loss: binaryCrossEntropy(),
      optimiser: adamW({ weightDecay }),
      sampleWeights: true,
      clipNorm,
      rate: constantRate(rate),
      seed,
    }),
    peer: { loss: 'binary', batchSize, numbers: width, tables, hidden, outputs: 1, rate, weightDecay, clipNorm },
  };
}

function uniform(layer: number, length: number): Float32Array {
  return randomUniform({ seed, layer }, new Float32Array(length));
}

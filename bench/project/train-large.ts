/** A trainer with 200 MB of state that counts what checkpoints add to its time. @module */
import { defineTrainer } from 'trainyard/trainer';
import {
  adam,
  type Batch,
  constantRate,
  createTrainStep,
  type Network,
  randomUniform,
  softmaxCrossEntropy,
  tensorPieces,
} from 'trainyard/training';
import { large } from './contracts.js';

/** 16.6 million parameters, each with two moments of Adam. */
const network: Network = {
  inputs: { x: { dtype: 'float32', shape: ['batch', 784] } },
  forward: (layers, { x }) => {
    const wide = layers.ops.relu(layers.dense('wide', x!, 3700));
    return layers.dense('out', layers.ops.relu(layers.dense('deep', wide, 3700)), 10);
  },
};

/** Spans of equally many steps in turn, every other one with a checkpoint at its begin that is durable at its end. */
export default defineTrainer(large, async ({ input, checkpoints, progress }) => {
  const training = await createTrainStep({
    network,
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: constantRate(1e-3),
    seed: 7,
  });
  const batch: Batch = {
    x: randomUniform({ seed: 1 }, new Float32Array(128 * 784)),
    target: BigInt64Array.from({ length: 128 }, (_, row) => BigInt(row % 10)),
  };
  const span = async (save: () => Promise<number>) => {
    const start = performance.now();
    const waitedMs = await save();
    for (let step = 0; step < input.stepsPerSpan; step++) await training.step(batch);
    await checkpoints.flush();
    return { ms: performance.now() - start, waitedMs };
  };
  let stateBytes = 0;
  const save = async () => {
    const start = performance.now();
    const state = tensorPieces(training.state().tensors);
    stateBytes = state.reduce((size, { length }) => size + length, 0);
    await checkpoints.save({ span: 0 }, { state });
    return performance.now() - start;
  };
  try {
    await span(save); // warms up
    const pairs: { without: number; with: number; waited: number }[] = [];
    for (let pair = 1; pair <= input.pairs; pair++) {
      const order = pair % 2 === 0;
      const first = await span(order ? save : () => Promise.resolve(0));
      const second = await span(order ? () => Promise.resolve(0) : save);
      const [plain, saved] = order ? [second, first] : [first, second];
      pairs.push({ without: plain.ms, with: saved.ms, waited: saved.waitedMs });
      progress(pair, input.pairs, 'pairs');
    }
    return { stateBytes, pairs };
  } finally {
    await training.release();
  }
});

/** Trains a small network on numbers made from its seed. @module */
import { setTimeout } from 'node:timers/promises';
import { randomNormal, randomUint32 } from '../../../src/data/philox.js';
import { defineTrainer } from '../../../src/trainer/define-trainer.js';
import { forwardModel } from '../../../src/training/forward-model.js';
import type { Network } from '../../../src/training/layers.js';
import { type LoopBatch, trainLoop } from '../../../src/training/loop.js';
import { softmaxCrossEntropy } from '../../../src/training/losses.js';
import { adam } from '../../../src/training/optimisers.js';
import { constantRate } from '../../../src/training/schedules.js';
import { createTrainStep } from '../../../src/training/train-step.js';
import { learn } from './contracts.js';

const [rows, features, classes] = [32, 16, 4];
/** Below this the training does not diverge. */
const lowRate = 5e-3;
const purposes = { features: 201, classes: 202 };

const network: Network = {
  inputs: { x: { dtype: 'float32', shape: ['batch', features] } },
  forward(layers, { x }) {
    if (!x) throw new TypeError('the network takes x');
    const hidden = layers.dropout('drop', layers.ops.relu(layers.dense('hidden', x, 64)), 0.2);
    return layers.dense('class', hidden, classes);
  },
};

export default defineTrainer(learn, async (context) => {
  const { seed, steps, stepMs, rate, divergeAt } = context.input;
  const training = await createTrainStep({
    network,
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: constantRate(rate),
    stepsPerRun: 8,
    seed,
  });
  try {
    const { last } = await trainLoop(context, {
      training,
      steps,
      batches: ({ step }) => batches(step),
      checkpointEvery: { steps: training.stepsPerRun },
      reportEvery: training.stepsPerRun,
    });
    return { model: await context.artifacts.put(forwardModel({ network, weights: last })) };
  } finally {
    await training.release();
  }

  async function* batches(from: number): AsyncGenerator<LoopBatch> {
    for (let step = from; step < steps; step++) {
      if (stepMs > 0) await setTimeout(stepMs, undefined, { signal: context.signal });
      const x = randomNormal({ seed, purpose: purposes.features, step }, new Float32Array(rows * features));
      if (step === divergeAt && rate > lowRate) x.fill(NaN);
      const draws = randomUint32({ seed, purpose: purposes.classes, step }, new Uint32Array(rows));
      const target = BigInt64Array.from(draws, (draw) => BigInt(draw % classes));
      yield { feeds: { x, target }, next: { epoch: 0, group: 0, offset: step + 1 } };
    }
  }
});

/** A trainer whose batches take more memory than one would think, in one part more than in several. @module */
import { defineTrainer } from '../../src/trainer/define-trainer.js';
import { softmaxCrossEntropy } from '../../src/training/losses.js';
import { adam } from '../../src/training/optimisers.js';
import { constantRate } from '../../src/training/schedules.js';
import { createTrainStep } from '../../src/training/train-step.js';
import { wide } from './stages.js';

const [rows, columns] = [16_384, 256];

export default defineTrainer(wide, async ({ input }) => {
  const training = await createTrainStep({
    network: {
      inputs: { x: { dtype: 'float32', shape: ['batch', columns] } },
      forward(layers, { x }) {
        if (!x) throw new TypeError('the network takes x');
        const deep = [1, 2, 3, 4, 5, 6].reduce((y, n) => layers.ops.relu(layers.dense(`layer.${n}`, y, 512)), x);
        return layers.dense('out', deep, 10);
      },
    },
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: constantRate(1e-3),
    seed: 7,
    microBatches: input.microBatches,
  });
  const batch = { x: new Float32Array(rows * columns).fill(0.1), target: new BigInt64Array(rows) };
  await training.step(batch);
  const { loss } = await training.step(batch);
  return { loss };
});

/** The trainer: a loop of this project's own, in a process of its own. @module */
import { readFile } from 'node:fs/promises';
import { defineTrainer } from 'trainyard/trainer';
import {
  adam,
  constantRate,
  createTrainStep,
  decodeTensors,
  encodeTensors,
  forwardModel,
  randomPermutation,
  softmaxCrossEntropy,
} from 'trainyard/training';
import { Scores, train } from './contracts.js';
import { batchesOf, labelsOf, logitsOf, network } from './network.js';

const batchSize = 32;

export default defineTrainer(train, async ({ input, data, checkpoints, track, progress, artifacts, signal, seed }) => {
  const rows = await data.rows(input.dataset, { split: 'train' });
  const tested = await data.rows(input.dataset, { split: 'test' });
  const batchOf = batchesOf(rows);
  const training = await createTrainStep({
    network,
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: constantRate(0.01),
    seed,
    threads: 1,
  });
  try {
    const last = await checkpoints.latest();
    if (last)
      training.load({ step: last.state.step, tensors: decodeTensors(await readFile(await last.file('state'))) });
    let { epoch, loss } = last?.state ?? { epoch: 0, loss: 0 };
    while (epoch < input.epochs) {
      signal.throwIfAborted();
      const order = randomPermutation({ seed, step: epoch }, rows.length);
      const shuffled = [...order].map((index) => rows[index]!);
      loss = 0;
      for (let at = 0; at < rows.length; at += batchSize) {
        const batch = shuffled.slice(at, at + batchSize);
        const result = await training.step(batchOf(batch));
        loss += (result.loss * batch.length) / rows.length;
      }
      epoch += 1;
      const { step, tensors } = training.state();
      track.metrics({ loss }, { step });
      progress(epoch, input.epochs, 'epochs');
      await checkpoints.save({ epoch, step, loss }, { state: encodeTensors(tensors) });
    }
    const { output } = await training.evaluate(batchOf(tested));
    const scores = Scores.parse({ logits: logitsOf(output), labels: labelsOf(tested) });
    const model = forwardModel({ network, weights: training.weights() });
    return { network: await track.artifact('network', model), scores: await artifacts.putJson(scores), loss };
  } finally {
    await training.release();
  }
});

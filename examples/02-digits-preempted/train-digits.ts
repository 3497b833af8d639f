/** The trainer: a loop of one's own network, in a process of its own that may be killed at any moment. @module */
import { collect } from 'trainyard/artifacts';
import { type ContextOf, defineTrainer } from 'trainyard/trainer';
import {
  adam,
  type Batch,
  cosineRate,
  createTrainStep,
  forwardModel,
  type LoopBatch,
  type LoopStart,
  type Network,
  randomPermutation,
  softmaxCrossEntropy,
  type TrainStep,
  trainLoop,
} from 'trainyard/training';
import { type DigitSplit, side, trainDigits } from './contracts.js';

const batchSize = 64;
const pixels = side * side;
/** Keeps the order of the images apart from other random numbers of the same seed. */
const orderOfImages = 100;

const network: Network = {
  inputs: { image: { dtype: 'float32', shape: ['batch', pixels] } },
  forward(layers, { image }) {
    const { ops } = layers;
    if (!image) throw new TypeError('the network takes an image');
    const first = layers.dropout('drop1', ops.relu(layers.dense('hidden1', image, 512)), 0.2);
    const second = layers.dropout('drop2', ops.relu(layers.dense('hidden2', first, 256)), 0.2);
    return layers.dense('digit', second, 10);
  },
};

export default defineTrainer(trainDigits, async (context) => {
  const { input, artifacts, track } = context;
  const { seed, epochs, microBatches } = input;
  const steps = epochs * Math.ceil(input.train.rows / batchSize);
  // On the CPU even where there is a GPU: equal bytes are promised there.
  const training = await createTrainStep({
    network,
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    clipNorm: 1,
    rate: cosineRate({ rate: 1e-3, steps }),
    seed,
    microBatches,
  });
  try {
    track.params({ seed, epochs, steps, images: input.train.rows });
    const { last } = await trainLoop(context, {
      training,
      steps,
      batches: (from) => shuffled(context, from),
      checkpointEvery: { steps: 400 },
      reportEvery: 1,
    });
    const model = await artifacts.put(forwardModel({ network, weights: last }));
    return { model, steps, accuracy: await accuracyOf(training, await load(context, input.test)) };
  } finally {
    await training.release();
  }
});

interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

type Context = ContextOf<typeof trainDigits>;

async function load({ artifacts: { store } }: Context, { images, labels }: DigitSplit): Promise<Images> {
  return { pixels: await collect(store.get(images)), labels: await collect(store.get(labels)) };
}

/** Each epoch in an order of its own: a pure function of seed and position, so that a resumed loop gets the batches it would have got. */
async function* shuffled(context: Context, { position }: LoopStart): AsyncGenerator<LoopBatch> {
  const { seed, epochs, train } = context.input;
  const images = await load(context, train);
  const { rows } = train;
  for (let { epoch, offset } = position; epoch < epochs; epoch++, offset = 0) {
    const order = randomPermutation({ seed, purpose: orderOfImages, step: epoch }, rows);
    for (; offset < rows; offset += batchSize) {
      const end = offset + batchSize;
      const next = end < rows ? { epoch, group: 0, offset: end } : { epoch: epoch + 1, group: 0, offset: 0 };
      yield { feeds: batchOf(images, order.subarray(offset, end)), next };
    }
  }
}

function batchOf({ pixels: bytes, labels }: Images, rows: Uint32Array): Batch {
  const image = new Float32Array(rows.length * pixels);
  rows.forEach((row, at) => {
    for (let pixel = 0; pixel < pixels; pixel++) image[at * pixels + pixel] = (bytes[row * pixels + pixel] ?? 0) / 255;
  });
  return { image, target: BigInt64Array.from(rows, (row) => BigInt(labels[row] ?? 0)) };
}

/** Share of the images whose greatest logit is that of their label. */
async function accuracyOf(training: TrainStep, images: Images): Promise<number> {
  const rows = Uint32Array.from(images.labels.keys());
  const { output } = await training.evaluate(batchOf(images, rows));
  const right = rows.filter((row) => {
    const logits = output.subarray(row * 10, row * 10 + 10);
    return logits.indexOf(Math.max(...logits)) === images.labels[row];
  });
  return right.length / rows.length;
}

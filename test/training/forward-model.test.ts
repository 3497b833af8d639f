/** The served model gives what training's evaluation gives. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Tensor } from 'onnxruntime-node';
import { readModel } from '../../src/onnx/read-model.js';
import { forwardModel } from '../../src/training/forward-model.js';
import { softmaxCrossEntropy } from '../../src/training/losses.js';
import { adam } from '../../src/training/optimisers.js';
import { constantRate } from '../../src/training/schedules.js';
import { createTrainStep } from '../../src/training/train-step.js';
import { assertClose, withSession } from './fixtures.js';
import { smallBatches, smallNetwork } from './small-network.js';

describe('forwardModel', () => {
  it('agrees with the evaluation of the same weights, with preprocessing in front and names behind', async () => {
    const network = smallNetwork(0.5);
    const training = await createTrainStep({
      network,
      loss: softmaxCrossEntropy(),
      optimiser: adam(),
      rate: constantRate(0.01),
      seed: 3,
    });
    try {
      const [batch] = smallBatches(2);
      await training.step(batch!);
      const { output } = await training.evaluate(batch!);
      const bytes = forwardModel({
        network,
        weights: training.weights(),
        prepare(ops) {
          const raw = ops.graph.input('raw', 'float32', ['batch', 3]);
          const word = ops.graph.input('word', 'string', ['batch']);
          return { x: ops.mul(ops.sub(raw, 1), 0.5), ids: ops.labelEncoder(word, ['', 'a', 'b', 'c', 'd'], 0) };
        },
        finish: (ops, logits) => ({ logits, probability: ops.softmax(logits) }),
        metadata: { numerics: JSON.stringify(training.numerics) },
      });
      const { inputs, outputs, metadata } = readModel(bytes);
      assert.deepEqual(
        inputs.map(({ name, dtype }) => [name, dtype]),
        [
          ['raw', 'float32'],
          ['word', 'string'],
        ],
      );
      assert.deepEqual(
        outputs.map(({ name, shape }) => [name, shape]),
        [
          ['logits', ['batch', 4]],
          ['probability', ['batch', 4]],
        ],
      );
      assert.deepEqual(JSON.parse(metadata['numerics']!), training.numerics);
      await withSession(bytes, async (session) => {
        const raw = batch!.x.map((value) => value * 2 + 1);
        const words = Array.from(batch!.ids, (id) => ['new', 'a', 'b', 'c', 'd'][Number(id)]!);
        const { logits } = await session.run({
          raw: new Tensor('float32', raw, [8, 3]),
          word: new Tensor('string', words, [8]),
        });
        assertClose(logits!.data as Float32Array, [...output], 1e-5, 'logits');
      });
    } finally {
      await training.release();
    }
  });

  it('refuses preprocessing that makes something else than the network takes, and missing weights', () => {
    const network = smallNetwork();
    assert.throws(
      () =>
        forwardModel({
          network,
          weights: {},
          prepare: ({ graph }) => ({ x: graph.input('x', 'float32', ['batch', 2]) }),
        }),
      /network input x: float32\[batch, 2\] for float32\[batch, 3\].*\[TY1505\]/,
    );
    assert.throws(() => forwardModel({ network, weights: {} }), /no weights for parameter table\.table.*\[TY1507\]/);
  });
});

/** Losses and their gradients agree with PyTorch's, with and without weights. @module */
import { describe, it } from 'mocha';
import assert from 'node:assert/strict';
import type { Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/onnx/encode.js';
import { Graph } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';
import { binaryCrossEntropy, huber, meanSquaredError, softmaxCrossEntropy } from '../../src/training/losses.js';
import type { ClassWeights, Loss } from '../../src/training/losses.js';
import { assertClose, fixture, tensor, withSession } from './fixtures.js';
import type { PackedTensor } from './fixtures.js';

interface LossCase {
  readonly name: string;
  readonly output: PackedTensor;
  readonly target: PackedTensor;
  readonly weight: PackedTensor | null;
  readonly classWeights: readonly number[] | null;
  readonly loss: number;
  readonly gradient: readonly number[];
}

const losses: Readonly<Record<string, (weights: ClassWeights) => Loss>> = {
  softmaxCrossEntropy,
  binaryCrossEntropy,
  meanSquaredError,
  huber: () => huber({ delta: 0.7 }),
};
const floats = (value: Tensor | undefined): Float32Array => value!.data as Float32Array;

function modelOf(loss: Loss, { output, target, weight }: Pick<LossCase, 'output' | 'target' | 'weight'>): Uint8Array {
  const graph = new Graph();
  const rows = (packed: PackedTensor, name: string) =>
    graph.input(name, packed.dtype, ['batch', ...packed.shape.slice(1)]);
  const built = loss.build(new Operators(graph), {
    output: rows(output, 'output'),
    target: rows(target, 'target'),
    weight: weight ? rows(weight, 'weight') : undefined,
  });
  return encodeModel({ graph, outputs: { ...built } });
}

// `as`: the script that wrote the file is its schema.
const { cases } = fixture('losses.json') as { cases: readonly LossCase[] };

describe('losses', () => {
  for (const given of cases) {
    const { name, output, target, weight, classWeights } = given;
    it(`${name}${weight ? ', weighted rows' : ''}${classWeights ? ', weighted classes' : ''}: as PyTorch's`, async () => {
      const loss = losses[name.replace(/,.*/, '')]!(classWeights ? { classWeights } : {});
      await withSession(modelOf(loss, given), async (session) => {
        const feeds = { output: tensor(output), target: tensor(target), ...(weight && { weight: tensor(weight) }) };
        const results = await session.run(feeds);
        assertClose(floats(results['loss']), [given.loss], 1e-6, 'loss');
        assertClose(floats(results['gradient']), given.gradient, 1e-6, 'gradient');
      });
    });
  }

  it('are 0, not NaN, for a batch whose rows all have weight 0', async () => {
    const output: PackedTensor = { dtype: 'float32', shape: [2, 1], data: [1, 2] };
    const weight: PackedTensor = { dtype: 'float32', shape: [2], data: [0, 0] };
    await withSession(modelOf(meanSquaredError(), { output, target: output, weight }), async (session) => {
      const results = await session.run({
        output: tensor(output),
        target: tensor({ ...output, data: [3, 5] }),
        weight: tensor(weight),
      });
      assert.deepEqual([...floats(results['loss']), ...floats(results['gradient'])].map(Math.abs), [0, 0, 0]);
    });
  });

  it('refuse class weights of another number of classes', () => {
    const output: PackedTensor = { dtype: 'float32', shape: [2, 3], data: [] };
    const target: PackedTensor = { dtype: 'int64', shape: [2], data: [] };
    const loss = softmaxCrossEntropy({ classWeights: [1, 2] });
    assert.throws(() => modelOf(loss, { output, target, weight: null }), /2 class weights for 3 classes.*\[TY1501\]/);
  });
});

/** The network of fixtures/make_gradients.py, and batches for it. @module */
import type { Network } from '../../src/training/layers.js';

/** An embedding beside numbers, layer norm, two activations; with dropout where a rate is given. */
export function smallNetwork(dropout = 0): Network {
  return {
    inputs: { x: { dtype: 'float32', shape: ['batch', 3] }, ids: { dtype: 'int64', shape: ['batch'] } },
    forward(layers, { x, ids }) {
      const { ops } = layers;
      if (!x || !ids) throw new Error('both inputs are declared above');
      const joined = ops.concat([x, layers.embedding('table', ids, { rows: 5, width: 3 })], 1);
      const hidden = layers.layerNorm('norm', ops.relu(layers.dense('hidden', joined, 7)));
      return layers.dense('out', ops.tanh(dropout > 0 ? layers.dropout('drop', hidden, dropout) : hidden), 4);
    },
  };
}

export interface SmallBatch {
  readonly [column: string]: Float32Array | BigInt64Array;
  readonly x: Float32Array;
  readonly ids: BigInt64Array;
  readonly target: BigInt64Array;
}

/** Batches that differ from each other and are always the same; the last has fewer rows. */
export function smallBatches(count: number, rows = 8): readonly SmallBatch[] {
  return Array.from({ length: count }, (_, batch) => {
    const size = batch === count - 1 ? rows - 3 : rows;
    return {
      x: Float32Array.from({ length: size * 3 }, (_, k) => Math.sin(batch * 31 + k * 7)),
      ids: BigInt64Array.from({ length: size }, (_, k) => BigInt((batch + k * k) % 5)),
      target: BigInt64Array.from({ length: size }, (_, k) => BigInt((batch + k) % 4)),
    };
  });
}

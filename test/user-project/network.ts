/** A network of 16 hidden units, and penguins as its batches. @module */
import type { Batch, Network } from 'trainyard/training';
import type { z } from 'zod';
import { Penguin } from './contracts.js';

type Row = z.output<typeof Penguin>;

const measures = ['beakLength', 'beakDepth', 'flipperLength', 'bodyMass'] as const;
const species = Penguin.shape.species.options;

export const network: Network = {
  inputs: { x: { dtype: 'float32', shape: ['batch', measures.length] } },
  forward: (layers, inputs) => {
    const hidden = layers.ops.relu(layers.dense('hidden', inputs['x']!, 16));
    return layers.dense('out', hidden, species.length);
  },
};

/** Rows to batches; mean and deviation of each measure are those of `fittedOn`. */
export function batchesOf(fittedOn: readonly Row[]): (rows: readonly Row[]) => Batch {
  const scales = measures.map((name) => {
    const values = fittedOn.map((row) => row[name]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { name, mean, deviation: Math.sqrt(variance) };
  });
  return (rows) => ({
    x: Float32Array.from(
      rows.flatMap((row) => scales.map(({ name, mean, deviation }) => (row[name] - mean) / deviation)),
    ),
    target: BigInt64Array.from(labelsOf(rows), BigInt),
  });
}

/** The classes of rows, from 0. */
export function labelsOf(rows: readonly Row[]): number[] {
  return rows.map((row) => species.indexOf(row.species));
}

/** A flat list of logits, row by row. */
export function logitsOf(output: Float32Array): number[][] {
  const rows = output.length / species.length;
  return Array.from({ length: rows }, (_, row) => [
    ...output.subarray(row * species.length, (row + 1) * species.length),
  ]);
}

/** The network of a tabular model: embeddings of words beside numbers, dense layers, one output; and what it is served as. @module */
import type { Column } from '../contracts/columns.js';
import type { Value } from '../onnx/graph.js';
import type { Operators } from '../onnx/operators.js';
import { idsInput, numberLayout, numbersInput } from './encode-rows.js';
import { forwardModel } from './forward-model.js';
import type { Network } from './layers.js';
import { binaryCrossEntropy, meanSquaredError } from './losses.js';
import type { Loss } from './losses.js';
import { prepareColumns } from './prepare-columns.js';
import type { Preprocessing } from './preprocessing.js';

export interface TabularNetwork {
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  /** Share of hidden units dropped in training, 0 ≤ share < 1. */
  readonly dropout: number;
  /** No embedding is wider. */
  readonly maxEmbeddingWidth: number;
}

/** What the network's output means: a logit, or a target standardised by these. */
export type Head =
  | { readonly task: 'classification'; readonly classWeights?: readonly number[] | undefined }
  | { readonly task: 'regression'; readonly mean: number; readonly deviation: number };

/** Embeddings and numbers side by side, dense layers with ReLU, one output for each row. */
export function tabularNetwork(preprocessing: Preprocessing, options: TabularNetwork): Network {
  const { categories } = preprocessing;
  const { width } = numberLayout(preprocessing);
  const ids = categories.map(({ column }) => [idsInput(column.name), { dtype: 'int64', shape: ['batch'] }] as const);
  const numbers = { [numbersInput]: { dtype: 'float32', shape: ['batch', width] } } as const;
  return {
    inputs: { ...(width > 0 && numbers), ...Object.fromEntries(ids) },
    forward(layers, inputs) {
      const embedded = categories.map(({ column, words }) => {
        const width = embeddingWidth(words.length, options.maxEmbeddingWidth);
        return layers.embedding(`embedding.${column.name}`, given(inputs, idsInput(column.name)), {
          rows: words.length,
          width,
        });
      });
      const parts = width > 0 ? [given(inputs, numbersInput), ...embedded] : embedded;
      const last = options.hidden.reduce(
        (x, units, index) => {
          const y = layers.ops.relu(layers.dense(`hidden.${index}`, x, units));
          return options.dropout > 0 ? layers.dropout(`dropout.${index}`, y, options.dropout) : y;
        },
        layers.ops.concat(parts, 1),
      );
      return layers.dense('output', last, 1);
    },
  };
}

/** 1.6 · rows^0.56: the rule of fastai's tabular models, which was found by trial. */
export function embeddingWidth(rows: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.round(1.6 * rows ** 0.56)));
}

/** A raw target as the loss takes it. */
export function targetOf(head: Head, value: number): number {
  return head.task === 'regression' ? (value - head.mean) / head.deviation : value;
}

/** The loss that trains a head. */
export function lossOf(head: Head): Loss {
  if (head.task === 'regression') return meanSquaredError();
  return binaryCrossEntropy(head.classWeights ? { classWeights: head.classWeights } : {});
}

/** Columns that the served model answers with. */
export function outputColumns({ task }: Head): Column[] {
  const names = task === 'classification' ? ['logit', 'probability'] : ['prediction'];
  return names.map((name) => ({ name, type: 'number', nullable: false }));
}

/** What the served model must answer where the trained network's output is this: the trainer's own arithmetic. */
export function answersOf(head: Head, output: Float32Array): Record<string, Float32Array> {
  if (head.task === 'classification')
    return { logit: output, probability: output.map((logit) => 1 / (1 + Math.exp(-logit))) };
  return { prediction: output.map((value) => Math.fround(value * head.deviation) + head.mean) };
}

/** The bytes of the served model: raw columns in, answers out. */
export function servedModel(
  parts: { readonly network: Network; readonly preprocessing: Preprocessing; readonly head: Head },
  weights: Readonly<Record<string, Float32Array>>,
): Uint8Array {
  return forwardModel({
    network: parts.network,
    weights,
    prepare: (ops) => prepareColumns(ops, parts.preprocessing),
    finish: (ops, output) => finish(ops, parts.head, output),
  });
}

function finish(ops: Operators, head: Head, output: Value): Record<string, Value> {
  if (head.task === 'classification') return { logit: output, probability: ops.sigmoid(output) };
  return { prediction: ops.add(ops.mul(output, head.deviation), head.mean) };
}

function given(inputs: Readonly<Record<string, Value>>, name: string): Value {
  const value = inputs[name];
  if (!value) throw new RangeError(`the network is not given ${name}`);
  return value;
}

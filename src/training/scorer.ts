/** A model on rows: opens the ONNX graph behind a model's ref and scores batches of raw columns. @module */
import { readFile } from 'node:fs/promises';
import { Tensor } from 'onnxruntime-node';
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Column } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import { ModelManifest } from '../contracts/manifests.js';
import type { ModelRef } from '../contracts/refs.js';
import { inputType } from './prepare-columns.js';
import { numbersOf, type RawRows, whole, wordsOf } from './preprocessing.js';
import { openSession } from './session.js';

/** An open model. */
export interface Scorer {
  readonly inputs: readonly Column[];
  readonly outputs: readonly Column[];
  /**
   * The model's outputs, one value a row, by output column. Each call leaves the event loop to others once and then holds it
   * for the batch: a few thousand rows at a time keep it lively.
   * @throws TY1505 a column is missing, or holds what the model cannot take; the message names column, row and value
   */
  score(rows: RawRows): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/**
 * Opens a model; release it.
 * @param threads @default 2
 * @throws TY1201, TY1202 like the store, TY1208 the ref is no model's
 * @example
 * const scorer = await openScorer(artifacts.store, input.model);
 * const { probability } = await scorer.score(batch);
 */
export async function openScorer(
  store: ArtifactStore,
  model: ModelRef,
  { threads = 2 }: { readonly threads?: number } = {},
): Promise<Scorer> {
  const { graph, inputs, outputs } = await readJson(store, model, ModelManifest);
  const bytes = await readFile(await store.materialise(graph));
  const session = await openSession(bytes, { provider: 'cpu', threads }, 'are kept');
  return {
    inputs,
    outputs,
    async score(rows) {
      const answer = await session.run(
        Object.fromEntries(inputs.map((column) => [column.name, columnTensor(column, rows)])),
      );
      return Object.fromEntries(outputs.map(({ name }) => [name, floatsOf(name, answer[name])]));
    },
    release: () => session.release(),
  };
}

/** A raw column in the type that `ModelManifest` states for it. @throws TY1505 it is missing, or has what the type cannot hold */
export function columnTensor(column: Column, rows: RawRows): Tensor {
  const shape = [rows.rows, 1];
  const dtype = inputType(column);
  if (dtype === 'string') return new Tensor('string', [...wordsOf(rows, column)], shape);
  const values = numbersOf(rows, column);
  switch (dtype) {
    case 'float64':
      return new Tensor('float64', Float64Array.from(values), shape);
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(values, (value, row) => integer(column, value, row)),
        shape,
      );
    case 'bool':
      return new Tensor('bool', Uint8Array.from(values), shape);
    case 'float32':
      return new Tensor('float32', Float32Array.from(values), shape);
  }
}

function integer(column: Column, value: number, row: number): bigint {
  const number = whole(column, value);
  if (Number.isSafeInteger(number)) return BigInt(number);
  throw new TrainyardError('TY1505', `rows: column ${column.name} takes whole numbers, row ${row} has ${value}`);
}

function floatsOf(name: string, tensor: { readonly data: unknown } | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError(`the model's output ${name} is not float32`);
}

/** Asks a model server about rows: columns to tensors by the model's manifest, in JSON or in binary. @module */
import { z } from 'zod';
import type { Column } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import type { Scalar } from '../contracts/parity.js';

/** A row of raw values by column. */
export type Row = Readonly<Record<string, Scalar>>;

/** How tensors travel. */
export type Form = 'json' | 'binary';

interface ColumnTensor {
  readonly name: string;
  readonly datatype: 'BYTES' | 'FP32' | 'FP64' | 'INT64' | 'BOOL';
  readonly values: readonly (string | number | boolean | null)[];
}

const Answer = z.object({
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      data: z.array(z.number().nullable()).optional(),
      parameters: z.object({ binary_data_size: z.int().nonnegative() }).optional(),
    }),
  ),
});

/**
 * The model's outputs for rows, by output column; NaN is missing.
 * @param model address of the model's version: `http://…/v2/models/flight-delays/versions/3`.
 * @throws TrainyardError TY1705 when the server answers with an error.
 */
export async function askModel(
  model: string,
  rows: readonly Row[],
  columns: readonly Column[],
  options: { readonly form: Form; readonly signal: AbortSignal },
): Promise<Record<string, readonly number[]>> {
  const { form, signal } = options;
  const tensors = columns.map((column) => tensorOf(column, rows));
  const { body, headers } = form === 'json' ? jsonRequest(tensors, rows.length) : binaryRequest(tensors, rows.length);
  const response = await fetch(`${model}/infer`, { method: 'POST', body, headers, signal });
  if (!response.ok)
    throw new TrainyardError('TY1705', `${model} answered ${response.status}: ${await response.text()}`);
  const bytes = await response.arrayBuffer();
  const jsonBytes = Number(response.headers.get('inference-header-content-length') ?? bytes.byteLength);
  const { outputs } = Answer.parse(JSON.parse(new TextDecoder().decode(bytes.slice(0, jsonBytes))));
  let offset = jsonBytes;
  return Object.fromEntries(
    outputs.map(({ name, data, parameters }) => {
      if (data) return [name, data.map((value) => value ?? NaN)];
      const end = offset + (parameters?.binary_data_size ?? 0);
      const floats = Array.from(new Float32Array(bytes.slice(offset, end)));
      offset = end;
      return [name, floats];
    }),
  );
}

/** The tensor of a column, as `ModelManifest` says. */
function tensorOf({ name, type, nullable }: Column, rows: readonly Row[]): ColumnTensor {
  const values = rows.map((row) => row[name] ?? null);
  switch (type) {
    case 'string':
      return { name, datatype: 'BYTES', values: values.map((value) => value ?? '') };
    case 'number':
      return { name, datatype: 'FP32', values };
    case 'boolean':
      return nullable
        ? { name, datatype: 'FP32', values: values.map((value) => (value === null ? null : Number(value))) }
        : { name, datatype: 'BOOL', values };
    case 'integer':
      return { name, datatype: nullable ? 'FP64' : 'INT64', values };
    case 'timestamp':
      return { name, datatype: nullable ? 'FP64' : 'INT64', values: values.map(epochSeconds) };
  }
}

function epochSeconds(value: Scalar): Scalar {
  return typeof value === 'string' ? Math.floor(Date.parse(value) / 1000) : value;
}

function jsonRequest(tensors: readonly ColumnTensor[], rows: number) {
  const inputs = tensors.map(({ name, datatype, values }) => ({ name, datatype, shape: [rows, 1], data: values }));
  return { body: JSON.stringify({ inputs }), headers: { 'content-type': 'application/json' } };
}

function binaryRequest(tensors: readonly ColumnTensor[], rows: number) {
  const parts = tensors.map(bytesOf);
  const inputs = tensors.map(({ name, datatype }, index) => {
    const parameters = { binary_data_size: parts[index]?.byteLength ?? 0 };
    return { name, datatype, shape: [rows, 1], parameters };
  });
  const head = new TextEncoder().encode(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(head.byteLength),
  };
  return { body: new Blob([head, ...parts]), headers };
}

function bytesOf({ datatype, values }: ColumnTensor): Uint8Array<ArrayBuffer> {
  const numbers = values.map((value) => (value === null ? NaN : Number(value)));
  switch (datatype) {
    case 'FP32':
      return new Uint8Array(Float32Array.from(numbers).buffer);
    case 'FP64':
      return new Uint8Array(Float64Array.from(numbers).buffer);
    case 'INT64':
      return new Uint8Array(BigInt64Array.from(values.map((value) => BigInt(Number(value)))).buffer);
    case 'BOOL':
      return Uint8Array.from(numbers);
    case 'BYTES':
      return lengthPrefixed(values.map((value) => new TextEncoder().encode(String(value))));
  }
}

function lengthPrefixed(texts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const text of texts) {
    view.setUint32(offset, text.byteLength, true);
    bytes.set(text, offset + 4);
    offset += 4 + text.byteLength;
  }
  return bytes;
}

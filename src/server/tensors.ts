/** Tensors of the Open Inference Protocol: little-endian bytes, or strings, and how batches of them join and part. @module */
import type { Tensor as OrtTensor } from 'onnxruntime-node';

interface DatatypeRow {
  /** ONNX Runtime's name. */
  readonly ort: OrtTensor.Type;
  /** Bytes of an element; 0 for strings. */
  readonly size: number;
}

/** Every OIP datatype that ONNX Runtime has. BF16 it lacks in JavaScript. */
export const datatypes = {
  BOOL: { ort: 'bool', size: 1 },
  UINT8: { ort: 'uint8', size: 1 },
  UINT16: { ort: 'uint16', size: 2 },
  UINT32: { ort: 'uint32', size: 4 },
  UINT64: { ort: 'uint64', size: 8 },
  INT8: { ort: 'int8', size: 1 },
  INT16: { ort: 'int16', size: 2 },
  INT32: { ort: 'int32', size: 4 },
  INT64: { ort: 'int64', size: 8 },
  FP16: { ort: 'float16', size: 2 },
  FP32: { ort: 'float32', size: 4 },
  FP64: { ort: 'float64', size: 8 },
  BYTES: { ort: 'string', size: 0 },
} as const satisfies Record<string, DatatypeRow>;

/** A datatype by its name in the protocol. */
export type Datatype = keyof typeof datatypes;

/** The bytes of all elements, in an `ArrayBuffer` of their own and aligned for their type; or the strings. */
export type TensorData = Uint8Array<ArrayBuffer> | readonly string[];

export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** What a model takes or gives: −1 in the shape is free. An empty shape is a scalar's, or one that the graph left open. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A view of a tensor's bytes as numbers; the bytes stay shared. */
export function numbersOf(datatype: Exclude<Datatype, 'BYTES' | 'UINT64' | 'INT64'>, bytes: Uint8Array<ArrayBuffer>) {
  const { buffer, byteOffset } = bytes;
  const length = bytes.byteLength / datatypes[datatype].size;
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return new Uint8Array(buffer, byteOffset, length);
    case 'UINT16':
    case 'FP16': // the halves' bits: Node 20 has no Float16Array
      return new Uint16Array(buffer, byteOffset, length);
    case 'UINT32':
      return new Uint32Array(buffer, byteOffset, length);
    case 'INT8':
      return new Int8Array(buffer, byteOffset, length);
    case 'INT16':
      return new Int16Array(buffer, byteOffset, length);
    case 'INT32':
      return new Int32Array(buffer, byteOffset, length);
    case 'FP32':
      return new Float32Array(buffer, byteOffset, length);
    case 'FP64':
      return new Float64Array(buffer, byteOffset, length);
  }
}

/** A view of a tensor's bytes as 64-bit integers. */
export function bigIntsOf(datatype: 'UINT64' | 'INT64', { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) {
  return datatype === 'INT64'
    ? new BigInt64Array(buffer, byteOffset, byteLength / 8)
    : new BigUint64Array(buffer, byteOffset, byteLength / 8);
}

/** One batch of several: tensors of the same names, datatypes and trailing sizes, joined along the first axis. */
export function joinRows(parts: readonly Tensors[]): Tensors {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? {};
  return Object.fromEntries(
    Object.entries(first).map(([name, { datatype, shape }]) => {
      const tensors = parts.flatMap((part) => part[name] ?? []);
      const rows = tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0);
      return [name, { datatype, shape: [rows, ...shape.slice(1)], data: joinData(tensors.map(({ data }) => data)) }];
    }),
  );
}

function joinData(parts: readonly TensorData[]): TensorData {
  const strings = parts.flatMap((part) => (part instanceof Uint8Array ? [] : part));
  return strings.length > 0 ? strings : concatBytes(parts.filter((part) => part instanceof Uint8Array));
}

/** All bytes in one new buffer. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}

/** Rows `from` … `to` − 1 of every tensor; bytes stay shared with the batch. */
export function sliceRows(tensors: Tensors, from: number, to: number): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { datatype, shape, data }]) => {
      const perRow = data.length / (shape[0] ?? 1);
      const part =
        data instanceof Uint8Array ? data.subarray(from * perRow, to * perRow) : data.slice(from * perRow, to * perRow);
      return [name, { datatype, shape: [to - from, ...shape.slice(1)], data: part }];
    }),
  );
}

/** A tensor's elements as numbers; undefined for strings and 16-bit floats, which are kept as bits. Integers beyond 2^53 are rounded. */
export function numbersIn({ datatype, data }: Tensor): Iterable<number> | undefined {
  if (datatype === 'BYTES' || datatype === 'FP16' || !(data instanceof Uint8Array)) return undefined;
  if (datatype === 'INT64' || datatype === 'UINT64') return Array.from(bigIntsOf(datatype, data), Number);
  return numbersOf(datatype, data);
}

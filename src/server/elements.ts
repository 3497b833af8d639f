/** The elements of one tensor on the wire: as JSON values, and as the binary tensor extension writes them. @module */
import { quoted, RequestError } from './request-error.js';
import {
  bigIntsOf,
  concatBytes,
  type Datatype,
  datatypes,
  elementCount,
  numbersOf,
  type Tensor,
  type TensorData,
} from './tensors.js';

/** Smallest and greatest value of the integer types that fit a JavaScript number. */
const ranges = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
} as const;

/**
 * Reads a tensor's JSON `data`, flat or nested like its shape. `null` is a missing value where the datatype has one:
 * NaN in FP32 and FP64, the empty string in BYTES. Integers are range-checked; 64-bit ones may come as BigInt.
 * @throws RequestError 400 that names the input, the element and what was expected.
 */
export function elementsFromJson(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  data: unknown,
): TensorData {
  if (data instanceof Float32Array) return fromFloatList(name, datatype, shape, data);
  if (!Array.isArray(data)) throw new RequestError(400, `input ${name}: data must be a list, got ${quoted(data)}`);
  const values = flat(name, shape, data);
  const refuse: Refuse = (index, expected) =>
    new RequestError(
      400,
      `input ${name}: element ${index} must be ${expected} for ${datatype}, got ${quoted(values[index])}`,
    );
  switch (datatype) {
    case 'BYTES':
      return values.map((value, index) => {
        if (value === null) return '';
        if (typeof value !== 'string') throw refuse(index, 'a string or null');
        return withoutNul(name, value);
      });
    case 'FP16':
      throw new RequestError(400, `input ${name}: JSON has no FP16; send it as binary data`);
    case 'FP32':
    case 'FP64':
      return floats(datatype, values, refuse);
    case 'INT64':
    case 'UINT64':
      return bigIntegers(datatype, values, refuse);
    case 'BOOL':
      return Uint8Array.from(values, (value, index) => {
        if (typeof value !== 'boolean') throw refuse(index, 'true or false');
        return Number(value);
      });
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return integers(datatype, values, refuse);
  }
}

/** Values that `parseWithFloatLists` has already read and range-checked. */
function fromFloatList(name: string, datatype: Datatype, shape: readonly number[], list: Float32Array): TensorData {
  if (datatype !== 'FP32') return elementsFromJson(name, datatype, shape, Array.from(list));
  if (list.length !== elementCount(shape)) throw wrongShape(name, shape);
  return new Uint8Array(list.buffer as ArrayBuffer); // a list has a buffer of its own
}

type Refuse = (index: number, expected: string) => RequestError;

/** A plain loop: 784 floats a request are the model server's hot path. */
function floats(datatype: 'FP32' | 'FP64', values: readonly unknown[], refuse: Refuse): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * datatypes[datatype].size);
  const view = numbersOf(datatype, bytes);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === null) view[index] = NaN;
    else if (typeof value !== 'number' && typeof value !== 'bigint') throw refuse(index, 'a number or null');
    else {
      view[index] = Number(value);
      if (!Number.isFinite(view[index])) throw refuse(index, 'a number in range');
    }
  }
  return bytes;
}

function bigIntegers(
  datatype: 'INT64' | 'UINT64',
  values: readonly unknown[],
  refuse: Refuse,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 8);
  const view = bigIntsOf(datatype, bytes);
  values.forEach((value, index) => {
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value)))
      throw refuse(index, 'an integer');
    view[index] = BigInt(value);
    if (view[index] !== BigInt(value)) throw refuse(index, 'an integer in range');
  });
  return bytes;
}

function integers(datatype: keyof typeof ranges, values: readonly unknown[], refuse: Refuse): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * datatypes[datatype].size);
  const view = numbersOf(datatype, bytes);
  const [least, greatest] = ranges[datatype];
  values.forEach((value, index) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw refuse(index, 'an integer');
    if (value < least || value > greatest) throw refuse(index, `between ${least} and ${greatest}`);
    view[index] = value;
  });
  return bytes;
}

function wrongShape(name: string, shape: readonly number[]): RequestError {
  const expected = `the ${elementCount(shape)} elements of shape [${shape.join(',')}]`;
  return new RequestError(400, `input ${name}: data does not have ${expected}`);
}

function flat(name: string, shape: readonly number[], data: readonly unknown[]): readonly unknown[] {
  if (!Array.isArray(data[0])) {
    if (data.length !== elementCount(shape)) throw wrongShape(name, shape);
    return data;
  }
  const values: unknown[] = [];
  const collect = (list: unknown, axis: number): void => {
    if (!Array.isArray(list) || list.length !== shape[axis]) throw wrongShape(name, shape);
    if (axis === shape.length - 1) for (const value of list) values.push(value);
    else for (const inner of list) collect(inner, axis + 1);
  };
  collect(data, 0);
  return values;
}

/** Reads a tensor's binary data: elements as little-endian bytes, BYTES with a 4-byte length before each. */
export function elementsFromBinary(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
): TensorData {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return stringsFromBinary(name, count, bytes);
  const expected = count * datatypes[datatype].size;
  if (bytes.byteLength !== expected)
    throw new RequestError(
      400,
      `input ${name}: ${bytes.byteLength} bytes of binary data, expected ${expected} for ${datatype} [${shape.join(',')}]`,
    );
  if (datatype === 'BOOL' && bytes.some((byte) => byte > 1))
    throw new RequestError(400, `input ${name}: a BOOL is a byte of 0 or 1`);
  return new Uint8Array(bytes); // a copy: its own buffer, aligned and transferable
}

function stringsFromBinary(name: string, count: number, bytes: Uint8Array): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: string[] = [];
  let offset = 0;
  while (offset + 4 <= bytes.byteLength && strings.length < count) {
    const end = offset + 4 + lengths.getUint32(offset, true);
    if (end > bytes.byteLength)
      throw new RequestError(400, `input ${name}: element ${strings.length} is longer than the binary data`);
    try {
      strings.push(withoutNul(name, decoder.decode(bytes.subarray(offset + 4, end))));
    } catch (error) {
      if (error instanceof RequestError) throw error;
      throw new RequestError(400, `input ${name}: element ${strings.length} is not UTF-8, as ONNX strings are`, {
        cause: error,
      });
    }
    offset = end;
  }
  if (strings.length !== count || offset !== bytes.byteLength)
    throw new RequestError(400, `input ${name}: binary data does not hold exactly ${count} elements`);
  return strings;
}

/** ONNX Runtime takes C strings: what follows a NUL would silently be lost. */
function withoutNul(name: string, text: string): string {
  if (text.includes('\0')) throw new RequestError(400, `input ${name}: a string holds a NUL character`);
  return text;
}

/** A tensor's elements as the text of a JSON list: NaN and infinities become null, 64-bit integers keep every digit. */
export function elementsToJson({ datatype, data }: Tensor): string {
  if (!(data instanceof Uint8Array)) return JSON.stringify(data);
  if (datatype === 'INT64' || datatype === 'UINT64') return `[${bigIntsOf(datatype, data).join(',')}]`;
  if (datatype === 'BOOL') return JSON.stringify(Array.from(data, Boolean));
  if (datatype === 'FP16' || datatype === 'BYTES')
    throw new RequestError(400, `JSON has no ${datatype}; ask for binary_data`);
  const view = numbersOf(datatype, data);
  return view.every(Number.isFinite) ? `[${view.join(',')}]` : JSON.stringify(Array.from(view));
}

/** A tensor's elements as binary data. */
export function elementsToBinary({ data }: Tensor): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const encoder = new TextEncoder();
  return concatBytes(
    data.flatMap((text) => {
      const bytes = encoder.encode(text);
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, bytes.byteLength, true);
      return [new Uint8Array(length.buffer), bytes];
    }),
  );
}

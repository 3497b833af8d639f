/** Values in Thrift's compact protocol: how Parquet writes what it says about its columns. @module */

/** A value with its type; a struct has its fields by their numbers. */
export type Thrift =
  | readonly ['i32' | 'i64', number]
  | readonly ['text', string]
  | readonly ['list', readonly Thrift[]]
  | readonly ['struct', Readonly<Record<number, Thrift>>];

/** Numbers of the types; https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
const types: Readonly<Record<Thrift[0], number>> = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 };

/** The value's bytes. Integers are safe ones; the members of a list are of one type, and there is at least one. */
export function encodeThrift(value: Thrift): Buffer {
  return Buffer.from(bytesOf(value));
}

function bytesOf([type, value]: Thrift): number[] {
  if (typeof value === 'number') return varint(value < 0 ? -2 * value - 1 : 2 * value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return [...varint(bytes.length), ...bytes];
  }
  if (type === 'list') {
    const kind = types[value[0]?.[0] ?? 'i32'];
    const head = value.length < 15 ? [(value.length << 4) | kind] : [0xf0 | kind, ...varint(value.length)];
    return [...head, ...value.flatMap(bytesOf)];
  }
  return structBytes(value);
}

/** Fields ascend by less than 16 in everything that Parquet defines. */
function structBytes(fields: Readonly<Record<number, Thrift>>): number[] {
  let last = 0;
  const bytes = Object.entries(fields).flatMap(([number, value]) => {
    const step = Number(number) - last;
    last = Number(number);
    return [(step << 4) | types[value[0]], ...bytesOf(value)];
  });
  return [...bytes, 0];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

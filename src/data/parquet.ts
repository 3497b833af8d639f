/**
 * Small tables of our own as Parquet, in plain TypeScript: DuckDB would write them too, but ends the whole process when a worker is out of file
 * descriptors, and takes longer to open than such a table to write. @module
 */
import { gzipSync } from 'node:zlib';
import { encodeThrift, type Thrift } from './thrift.js';

/** What a column holds: whole numbers of 32 bits, or up to 2^53 in 64; any number; text. None of them missing. */
export type ParquetType = 'int32' | 'int64' | 'double' | 'text';

type Row<Columns> = { readonly [Name in keyof Columns]: Columns[Name] extends 'text' ? string : number };

/** Held in memory until it is written. */
const rowsOfGroup = 65_536;

const magic = Buffer.from('PAR1');
const gzip: Thrift = ['i32', 2];
const plain: Thrift = ['i32', 0];

/** Numbers of the types; https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
const typeNumbers: Readonly<Record<ParquetType, number>> = { int32: 1, int64: 2, double: 5, text: 6 };

/**
 * The bytes of a Parquet file with these rows, in their order: groups of {@link rowsOfGroup} rows, a page (plain, gzip) for each column.
 * @param columns types in the order of the file's columns
 */
export async function* parquetOf<const Columns extends Readonly<Record<string, ParquetType>>>(
  columns: Columns,
  rows: AsyncIterable<Row<Columns>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const groups: Thrift[] = [];
  let written = magic.length;
  let count = 0;
  let group: Row<Columns>[] = [];
  const encodeGroup = () => {
    const { bytes, about } = groupOf(columns, group, written);
    groups.push(about);
    written += bytes.length;
    count += group.length;
    group = [];
    return bytes;
  };
  yield magic;
  for await (const row of rows) if (group.push(row) === rowsOfGroup) yield encodeGroup();
  // A reader wants a group, be it an empty one.
  if (group.length > 0 || groups.length === 0) yield encodeGroup();
  const footer = encodeThrift([
    'struct',
    {
      1: ['i32', 1],
      2: ['list', schemaOf(columns)],
      3: ['i64', count],
      4: ['list', groups],
      6: ['text', 'trainyard'],
    },
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  yield Buffer.concat([footer, length, magic]);
}

function schemaOf(columns: Readonly<Record<string, ParquetType>>): Thrift[] {
  const names = Object.keys(columns);
  const leaves = Object.entries(columns).map(([name, type]): Thrift => {
    const required = { 1: ['i32', typeNumbers[type]], 3: ['i32', 0], 4: ['text', name] } as const;
    return ['struct', type === 'text' ? { ...required, 6: ['i32', 0] } : required]; // UTF8
  });
  return [['struct', { 4: ['text', 'schema'], 5: ['i32', names.length] }], ...leaves];
}

function groupOf(
  columns: Readonly<Record<string, ParquetType>>,
  rows: readonly Readonly<Record<string, string | number>>[],
  offset: number,
): { readonly bytes: Buffer; readonly about: Thrift } {
  const chunks: Buffer[] = [];
  const abouts: Thrift[] = [];
  let at = offset;
  let size = 0;
  for (const [name, type] of Object.entries(columns)) {
    const values = plainBytes(
      type,
      rows.map((row) => row[name] ?? NaN),
    );
    const packed = gzipSync(values);
    const header = pageHeader(values.length, packed.length, rows.length);
    const sizes = { before: header.length + values.length, after: header.length + packed.length };
    abouts.push(['struct', { 2: ['i64', at], 3: aboutColumn(name, type, rows.length, sizes, at) }]);
    chunks.push(header, packed);
    at += sizes.after;
    size += sizes.before;
  }
  return {
    bytes: Buffer.concat(chunks),
    about: ['struct', { 1: ['list', abouts], 2: ['i64', size], 3: ['i64', rows.length] }],
  };
}

function pageHeader(size: number, packedSize: number, values: number): Buffer {
  // Nothing is missing or repeated: there are no levels, whose encoding has to be named all the same.
  const dataPage: Thrift = ['struct', { 1: ['i32', values], 2: plain, 3: ['i32', 3], 4: ['i32', 3] }];
  return encodeThrift(['struct', { 1: ['i32', 0], 2: ['i32', size], 3: ['i32', packedSize], 5: dataPage }]);
}

function aboutColumn(
  name: string,
  type: ParquetType,
  values: number,
  sizes: { readonly before: number; readonly after: number },
  offset: number,
): Thrift {
  return [
    'struct',
    {
      1: ['i32', typeNumbers[type]],
      2: ['list', [plain]],
      3: ['list', [['text', name]]],
      4: gzip,
      5: ['i64', values],
      6: ['i64', sizes.before],
      7: ['i64', sizes.after],
      9: ['i64', offset],
    },
  ];
}

function plainBytes(type: ParquetType, values: readonly (string | number)[]): Buffer {
  if (type === 'text')
    return Buffer.concat(
      values.flatMap((value) => {
        const text = Buffer.from(String(value));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return [length, text];
      }),
    );
  const width = type === 'int32' ? 4 : 8;
  const bytes = Buffer.alloc(values.length * width);
  values.forEach((value, index) => {
    if (type === 'int32') bytes.writeInt32LE(Number(value), index * width);
    else if (type === 'int64') bytes.writeBigInt64LE(BigInt(value), index * width);
    else bytes.writeDoubleLE(Number(value), index * width);
  });
  return bytes;
}

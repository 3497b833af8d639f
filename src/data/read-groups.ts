/** Ranges of a dataset's rows as typed arrays, each row put where a permutation wants it. @module */
import type { DuckDBVector } from '@duckdb/node-api';
import type { Column } from '../contracts/columns.js';
import { type DuckDb, literal, quoted, textOf } from './duckdb.js';
import { columnsNamed, type OpenDataset } from './open-dataset.js';

/** Values of one column, as in `Batch.columns`. */
export type ColumnValues = Float32Array | Float64Array | string[];

/** Reads ranges of a dataset's rows. */
export interface GroupReader {
  /** Arrays for `length` rows, one for each column. */
  allocate(length: number): ColumnValues[];
  /** Reads rows `from` … `from + place.length − 1`; row i of them goes to index `place[i]` of every array. */
  read(from: number, place: Uint32Array, into: readonly ColumnValues[]): Promise<void>;
}

/** How a column crosses: what SQL computes, the array it lands in, and the text behind the numbers of a string column. */
interface Crossing {
  readonly sql: string;
  readonly allocate: (length: number) => ColumnValues;
  readonly words: readonly string[];
}

/**
 * Prepares to read columns of a dataset. String columns cross as numbers of a dictionary that is collected here: decoding
 * a string for each row takes 20 times as long. (So the distinct values of a string column must fit into memory.)
 */
export async function groupReader(db: DuckDb, dataset: OpenDataset, names: readonly string[]): Promise<GroupReader> {
  const crossings: Crossing[] = [];
  for (const column of columnsNamed(dataset, names)) crossings.push(await crossing(db, dataset, column));
  const list = crossings.map(({ sql }) => sql).join(', ');

  return {
    allocate: (length) => crossings.map(({ allocate }) => allocate(length)),
    async read(from, place, into) {
      for (const { path, firstRow, rows, at } of windows(dataset, from, place.length)) {
        // DuckDB skips row groups by their row numbers: a window in the middle of 3 million rows takes 3 ms.
        const result = await db.stream(
          `SELECT (file_row_number - ${firstRow})::UINTEGER, ${list}
           FROM read_parquet(${literal(path)}, file_row_number = true)
           WHERE file_row_number BETWEEN ${firstRow} AND ${firstRow + rows - 1}`,
        );
        for (;;) {
          const chunk = await db.fetch(result);
          if (chunk === null) break;
          // The arrays of a chunk alias DuckDB's memory: every value is copied before the next chunk is fetched.
          const target = items(chunk.getColumnVector(0)).map((row) => place[at + row] ?? 0);
          for (const [i, { words }] of crossings.entries())
            scatter(items(chunk.getColumnVector(i + 1)), target, into[i] ?? [], words);
        }
      }
    },
  };
}

function scatter(source: Numbers, target: Numbers, out: ColumnValues, words: readonly string[]): void {
  if (Array.isArray(out)) for (let i = 0; i < source.length; i++) out[target[i] ?? 0] = words[source[i] ?? 0] ?? '';
  else for (let i = 0; i < source.length; i++) out[target[i] ?? 0] = source[i] ?? 0;
}

type Numbers = Float32Array | Float64Array | Uint32Array;

function items(vector: DuckDBVector): Numbers {
  // The class declares `items` private; `getItem` for each value takes four times as long.
  const { items } = vector as unknown as { readonly items: unknown };
  if (items instanceof Float32Array || items instanceof Float64Array || items instanceof Uint32Array) return items;
  throw new TypeError(`a ${vector.type.toString()} vector has no typed array`);
}

const float32 = (length: number) => new Float32Array(length);
const float64 = (length: number) => new Float64Array(length);

async function crossing(db: DuckDb, dataset: OpenDataset, column: Column): Promise<Crossing> {
  const name = quoted(column.name);
  switch (column.type) {
    case 'number':
      return { sql: `coalesce(${name}::FLOAT, 'nan')`, allocate: float32, words: [] };
    case 'boolean':
      return { sql: `coalesce(${name}::FLOAT, 'nan')`, allocate: float32, words: [] };
    case 'integer':
      return { sql: `coalesce(${name}::DOUBLE, 'nan')`, allocate: float64, words: [] };
    case 'timestamp':
      return { sql: `coalesce(epoch(${name}), 'nan')`, allocate: float64, words: [] };
    case 'string': {
      const type = quoted(`words of ${column.name}`);
      const distinct = dataset.files
        .map(({ path }) => `SELECT coalesce(${name}, '') AS word FROM read_parquet(${literal(path)})`)
        .join(' UNION ');
      await db.run(`CREATE TYPE ${type} AS ENUM (SELECT word FROM (${distinct} UNION SELECT '') ORDER BY word)`);
      const words = await db.rows(`SELECT unnest(enum_range(NULL::${type})) AS word`);
      return {
        sql: `enum_code(coalesce(${name}, '')::${type})::UINTEGER`,
        allocate: (length) => new Array<string>(length).fill(''),
        words: words.map(({ word }) => textOf(word)),
      };
    }
  }
}

/** The parts of the files that rows `from` … `from + length − 1` of the dataset lie in; `at`: index of a part's first row in the range. */
function* windows(dataset: OpenDataset, from: number, length: number) {
  let fileStart = 0;
  for (const file of dataset.files) {
    const first = Math.max(from, fileStart);
    const end = Math.min(from + length, fileStart + file.rows);
    if (first < end) yield { path: file.path, firstRow: first - fileStart, rows: end - first, at: first - from };
    fileStart += file.rows;
  }
}

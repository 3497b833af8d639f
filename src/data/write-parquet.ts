/** Small tables of our own as Parquet. @module */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDb, literal, quoted } from './duckdb.js';

/** Options of {@link writeParquet}. */
export interface ParquetOptions {
  /** SQL types by column, in the order of the file's columns. */
  readonly columns: Readonly<Record<string, 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'VARCHAR'>>;
  /** The file to write, in a folder that exists. */
  readonly path: string;
  /** A folder for what is on the way. */
  readonly scratch: string;
}

/** Writes rows as a Parquet file (zstd), in their order; they pass through a file, so there may be more than memory holds. */
export async function writeParquet(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
  { columns, path, scratch }: ParquetOptions,
): Promise<void> {
  const lines = join(scratch, 'rows.ndjson');
  await pipeline(Readable.from(jsonLines(rows)), createWriteStream(lines));
  const db = await DuckDb.open({ scratch, files: [lines], output: dirname(path) });
  try {
    const types = Object.entries(columns).map(([name, type]) => `${quoted(name)}: ${literal(type)}`);
    const source = `read_json(${literal(lines)}, format = 'newline_delimited', columns = {${types.join(', ')}})`;
    await db.run(`COPY (SELECT * FROM ${source}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    await db.close();
    await rm(lines, { force: true });
  }
}

async function* jsonLines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

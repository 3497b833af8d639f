/** The table that the tests of ingest read: three good trips, and a bench that ingests them. @module */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ingestRows } from '../../activities/ingest-tables.js';
import type { DatasetRef } from '../../src/contracts/refs.js';
import { ingestStage } from '../../src/stages/ingest.js';
import type { TableBench } from './table-context.js';

export const Trip = z.object({
  id: z.int(),
  city: z.enum(['Oslo', 'Rome']),
  price: z.number().min(0).nullable(),
  paid: z.boolean(),
  at: z.iso.datetime(),
});
export const ingest = ingestStage({ row: Trip });
export type IngestInput = z.input<typeof ingest.input>;

export const header = 'id,city,price,paid,at\n';
export const csv = (lines: readonly string[]) => header + lines.map((line) => `${line}\n`).join('');
export const good = [
  '2,Rome,,false,2024-02-01T00:00:00Z',
  '1,Oslo,9.5,true,2024-01-01T10:00:00+02:00',
  '3,Oslo,0,yes,2024-03-01',
];

/** Writes a file below the bench's folder and gives its path. */
export async function file(bench: TableBench, name: string, text: string): Promise<string> {
  const path = join(bench.folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** Ingests trips. */
export async function run(bench: TableBench, input: IngestInput) {
  const result = await ingestRows(Trip, bench.context(ingest.input.parse(input)));
  // The implementation serves every row schema; the contract's output says that these are trips.
  return { ...result, dataset: result.dataset as DatasetRef<z.output<typeof Trip>> };
}

/** Writes the result of a SELECT, by DuckDB itself. */
export async function writeParquet(path: string, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'; COPY (${select}) TO '${path}' (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

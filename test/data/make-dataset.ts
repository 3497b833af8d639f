/** A dataset in a store, made by DuckDB from SELECTs: what the reading side is tested on, without ingest. @module */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { Column } from '../../src/contracts/columns.js';
import type { DatasetRef } from '../../src/contracts/refs.js';

/** One file for each part; `statistics` are left empty. */
export async function makeDataset<Row>(
  store: ArtifactStore,
  columns: readonly Column[],
  parts: readonly { readonly split?: string; readonly select: string }[],
): Promise<DatasetRef<Row>> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-dataset-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    const files = [];
    for (const { split, select } of parts) {
      const path = join(folder, 'part.parquet');
      const result = await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)`);
      files.push({ split, rows: result.rowsChanged, ref: await store.put(Uint8Array.from(await readFile(path))) });
    }
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const manifest = {
      version: 1,
      columns,
      rows,
      files,
      statistics: {},
      sources: [],
      rejectedRows: 0,
      unassignedRows: 0,
    };
    const splits = Object.fromEntries(files.flatMap(({ split, rows: n }) => (split === undefined ? [] : [[split, n]])));
    // canonical JSON refuses undefined: a part without a split has no such key.
    const ref = await putJson(store, JSON.parse(JSON.stringify(manifest)) as unknown);
    return { ...ref, kind: 'dataset', rows, columns: [...columns], splits };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { ingestTables } from '../../activities/ingest-tables.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { createDataAccess } from '../../src/data/create-data-access.js';
import { runStage } from '../../src/testing/run-stage.js';
import { z } from 'zod';
import { Flight, ingest } from '../../examples/01-flight-delays/contracts.js';
import { sql } from '../../examples/01-flight-delays/flights.js';

const data = fileURLToPath(new URL('../../../examples/01-flight-delays/data/', import.meta.url));

describe('the flights that example 01 trains on', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'trainyard-flights-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it('tell nothing but the label of what is known only after departure', async () => {
    // The same flights, each with another delay: only `late` may differ.
    const swapped = join(folder, 'flights.parquet');
    const database = await DuckDBInstance.create();
    const connection = await database.connect();
    const source = `SELECT * REPLACE (CAST(dep_delay + 61 AS SMALLINT) AS dep_delay, CAST(60 - arr_delay AS SMALLINT) AS arr_delay) FROM '${data}flights.parquet'`;
    await connection.run(`COPY (${source} WHERE scheduled < '2013-01-08') TO '${swapped}' (FORMAT parquet)`);
    const original = join(folder, 'original.parquet');
    await connection.run(
      `COPY (SELECT * FROM '${data}flights.parquet' WHERE scheduled < '2013-01-08') TO '${original}' (FORMAT parquet)`,
    );
    connection.closeSync();

    const [before, after] = [await rowsOf(original), await rowsOf(swapped)];
    assert.ok(before.length > 5_000);
    const features = (rows: typeof before) => rows.map((row) => JSON.stringify({ ...row, late: null })).sort();
    assert.deepEqual(features(after), features(before));
    assert.notDeepEqual(
      after.map(({ late }) => late),
      before.map(({ late }) => late),
    );
  });

  async function rowsOf(flights: string) {
    const store = new MemoryStore();
    const input = { sources: { flights: { path: flights }, weather: { path: `${data}weather.parquet` } }, sql };
    const { output } = await runStage(ingestTables(ingest), { input, store });
    return z.array(Flight).parse(await createDataAccess(store, { scratch: folder }).rows(output.dataset));
  }
});

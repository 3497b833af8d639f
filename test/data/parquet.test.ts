import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DuckDb } from '../../src/data/duckdb.js';
import { parquetOf } from '../../src/data/parquet.js';

const columns = { attempt: 'int32', step: 'double', time: 'int64', name: 'text' } as const;

interface Row {
  readonly attempt: number;
  readonly step: number;
  readonly time: number;
  readonly name: string;
}

async function* each(rows: readonly Row[]) {
  yield* await Promise.resolve(rows);
}

describe('a Parquet file of ours', () => {
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'trainyard-parquet-'));
  });
  after(() => rm(scratch, { recursive: true }));

  /** What DuckDB reads of a file with these rows. */
  async function read(rows: readonly Row[], query: string) {
    const file = join(scratch, `${rows.length}.parquet`);
    await writeFile(file, Readable.from(parquetOf(columns, each(rows))));
    const db = await DuckDb.open({ scratch, files: [file] });
    try {
      return await db.rows(query.replace('FILE', `'${file}'`));
    } finally {
      await db.close();
    }
  }

  it('is read back as it was written: negative, large, infinite, in any script', async () => {
    const rows: Row[] = [
      { attempt: -1, step: 0.5, time: 0, name: 'loss' },
      { attempt: 2 ** 31 - 1, step: -Infinity, time: 2 ** 53 - 1, name: 'потери 損失 🚂' },
      { attempt: 0, step: 1e-300, time: -(2 ** 53) + 1, name: '' },
    ];
    const found = await read(rows, 'SELECT * FROM FILE');
    assert.deepEqual(
      found.map((row) => ({ ...row, time: Number(row['time']) })),
      rows,
    );
  });

  it('has its columns, and no row, where there was none', async () => {
    assert.deepEqual(await read([], 'SELECT count(*)::INT AS n, min(name) AS name FROM FILE'), [{ n: 0, name: null }]);
  });

  it('takes more rows than a group, in their order', async () => {
    const rows = Array.from({ length: 140_000 }, (_, n) => ({
      attempt: 1,
      step: n,
      time: n * 1000,
      name: `n${n % 7}`,
    }));
    const wrong = `SELECT count(*)::INT AS n FROM (SELECT *, row_number() OVER () - 1 AS i FROM FILE)
      WHERE step <> i OR time <> i * 1000 OR name <> 'n' || (i % 7) OR attempt <> 1`;
    assert.deepEqual(await read(rows, wrong), [{ n: 0 }]);
    const groups = 'SELECT count(DISTINCT row_group_id)::INT AS groups FROM parquet_metadata(FILE)';
    assert.deepEqual(await read(rows, groups), [{ groups: 3 }]);
  });
});

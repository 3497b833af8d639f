import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDb } from '../../src/data/duckdb.js';

describe('a DuckDB of ours', () => {
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'trainyard-duckdb-'));
    await writeFile(join(scratch, 'allowed.csv'), 'a\n1\n');
    await writeFile(join(scratch, 'other.csv'), 'a\n2\n');
  });
  after(() => rm(scratch, { recursive: true }));

  async function withDb(use: (db: DuckDb) => Promise<void>, signal?: AbortSignal, memoryLimit?: string): Promise<void> {
    const db = await DuckDb.open({ scratch, files: [join(scratch, 'allowed.csv')], signal, memoryLimit });
    try {
      await use(db);
    } finally {
      await db.close();
    }
  }

  it('reads the named files and no other', () =>
    withDb(async (db) => {
      assert.deepEqual(await db.rows(`SELECT * FROM '${scratch}/allowed.csv'`), [{ a: 1 }]);
      await assert.rejects(db.rows(`SELECT * FROM '${scratch}/other.csv'`), /disabled by configuration/);
      await assert.rejects(db.rows(`SELECT * FROM read_text('/etc/hostname')`), /disabled by configuration/);
      await assert.rejects(db.run(`COPY (SELECT 1) TO '${scratch}/new.csv'`), /disabled by configuration/);
      await assert.rejects(db.run(`ATTACH '${scratch}/new.db'`), /disabled by configuration/);
    }));

  it('keeps its limits locked', () =>
    withDb(async (db) => {
      await assert.rejects(db.run(`SET memory_limit = '8GB'`), /locked/);
      await assert.rejects(db.run(`SET enable_external_access = true`), /locked|cannot be/i);
    }));

  it('takes one SELECT as a query and nothing else', () =>
    withDb(async (db) => {
      await db.assertSelect('WITH one AS (SELECT 1 AS a) SELECT * FROM one');
      for (const sql of [
        'SELECT 1; SELECT 2',
        'CREATE TABLE t (a INT)',
        `COPY (SELECT 1) TO 'x.csv'`,
        'SET threads = 1',
        'SELEC 1',
        '',
      ])
        await assert.rejects(db.assertSelect(sql), { code: 'TY1404' }, sql);
    }));

  it('gives numbers, text and ISO instants', () =>
    withDb(async (db) => {
      const rows = await db.rows(
        `SELECT 7::BIGINT AS n, 9007199254740993::BIGINT AS large, TIMESTAMPTZ '2013-07-01 05:00:00+00' AS at, 1.5 AS x, NULL AS none`,
      );
      assert.deepEqual(rows, [{ n: 7, large: '9007199254740993', at: '2013-07-01T05:00:00.000Z', x: 1.5, none: null }]);
    }));

  it('ends a running query when its signal is aborted, with the reason', async () => {
    const controller = new AbortController();
    await withDb(async (db) => {
      const endless = db.rows(
        'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3',
      );
      setImmediate(() => {
        controller.abort(new Error('drained'));
      });
      await assert.rejects(endless, /drained/);
      await assert.rejects(db.rows('SELECT 1'), /drained/);
    }, controller.signal);
  });

  it('says so when the memory limit is too small', () =>
    withDb(
      (db) => assert.rejects(db.rows('SELECT list(range) FROM range(20000000)'), { code: 'TY1408' }),
      undefined,
      '30MB',
    ));

  it('spills to the scratch folder and leaves nothing there', async () => {
    const before = await readdir(scratch);
    await withDb(
      async (db) => {
        await db.run('CREATE TABLE t AS SELECT range AS a, hash(range) AS b FROM range(3000000) ORDER BY b');
        const [spill] = (await readdir(scratch)).filter((name) => !before.includes(name));
        assert.notDeepEqual(await readdir(join(scratch, spill!)), []);
      },
      undefined,
      '60MB',
    );
    assert.deepEqual(await readdir(scratch), before);
  });
});

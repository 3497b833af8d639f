import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { Column } from '../../src/contracts/columns.js';
import type { DatasetRef } from '../../src/contracts/refs.js';
import { createDataAccess } from '../../src/data/create-data-access.js';
import type { DataAccess } from '../../src/data/data-access.js';
import { makeDataset } from './make-dataset.js';

interface Row {
  readonly id: number;
  readonly name: string | null;
  readonly at: string;
}

const columns: readonly Column[] = [
  { name: 'id', type: 'integer', nullable: false },
  { name: 'name', type: 'string', nullable: true },
  { name: 'at', type: 'timestamp', nullable: false },
];

describe('ctx.data', () => {
  let folder: string;
  let data: DataAccess;
  let ref: DatasetRef<Row>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-data-'));
    const store = await openFileStore(join(folder, 'store'));
    data = createDataAccess(store, { scratch: folder });
    ref = await makeDataset<Row>(store, columns, [
      {
        split: 'train',
        select: `SELECT 1::BIGINT AS id, 'ann' AS name, TIMESTAMPTZ '2013-01-01 05:00:00.25+00' AS at`,
      },
      { split: 'test', select: `SELECT 2::BIGINT AS id, NULL AS name, TIMESTAMPTZ '2013-01-01 05:00:00+00' AS at` },
    ]);
  });
  after(() => rm(folder, { recursive: true }));

  it('gives a small table as rows of its schema', async () => {
    assert.deepEqual(await data.rows(ref), [
      { id: 1, name: 'ann', at: '2013-01-01T05:00:00.250000Z' },
      { id: 2, name: null, at: '2013-01-01T05:00:00Z' },
    ]);
    assert.deepEqual(
      (await data.rows(ref, { split: 'test' })).map(({ id }) => id),
      [2],
    );
  });

  it('refuses to load a table above the limit', () => assert.rejects(data.rows(ref, { limit: 1 }), { code: 'TY1401' }));

  it('answers SQL over several datasets, with the split as a column', async () => {
    const query = 'SELECT a.split, count(*) AS n, max(b.id) AS last FROM one a, two b GROUP BY 1 ORDER BY 1';
    assert.deepEqual(await data.sql(query, { one: ref, two: ref }), [
      { split: 'test', n: 2, last: 2 },
      { split: 'train', n: 2, last: 2 },
    ]);
  });

  it('refuses SQL that writes, leaves its tables, or is wrong', async () => {
    for (const sql of [
      `COPY one TO '${folder}/out.csv'`,
      `SELECT * FROM read_text('/etc/hostname')`,
      'SELECT nothing FROM one',
      'DROP VIEW one',
    ])
      await assert.rejects(data.sql(sql, { one: ref }), { code: 'TY1404' }, sql);
    assert.deepEqual(await readdir(folder), ['store']);
  });
});

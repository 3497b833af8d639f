import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { TableBench } from './table-context.js';
import { csv, file as fileIn, good, header, type IngestInput as Input, run as runIn, writeParquet } from './trips.js';

describe('ingest', () => {
  let bench: TableBench;
  beforeEach(async () => {
    bench = await TableBench.open();
  });
  afterEach(() => bench.close());

  const file = (name: string, text: string) => fileIn(bench, name, text);
  const run = (input: Input) => runIn(bench, input);
  const trips = (path: string | string[], more: Partial<Input> = {}) => run({ sources: { trips: { path } }, ...more });

  describe('refuses, leaving nothing behind,', () => {
    const cases: [string, string, () => Promise<unknown>][] = [
      ['a missing file', 'TY1402', () => trips(join(bench.folder, 'none.csv'))],
      ['a glob without a match', 'TY1402', () => trips(join(bench.folder, '*.csv'))],
      ['another scheme', 'TY1402', () => trips('ftp://host/trips.csv')],
      ['an unknown extension', 'TY1402', async () => trips(await file('trips.txt', csv(good)))],
      ['an empty file', 'TY1403', async () => trips(await file('trips.csv', ''))],
      ['a file with a header only', 'TY1412', async () => trips(await file('trips.csv', header))],
      ['a damaged Parquet file', 'TY1403', async () => trips(await file('trips.parquet', 'PAR1 but nothing else'))],
      [
        'a truncated Parquet file',
        'TY1403',
        async () => {
          const path = join(bench.folder, 'trips.parquet');
          await writeParquet(path, 'SELECT range AS id FROM range(10000)');
          await truncate(path, 5000);
          return trips(path);
        },
      ],
      ['binary data as CSV', 'TY1403', async () => trips(await file('trips.csv', '\u0000\u0001PNG\n\u0000'))],
      ['a missing column', 'TY1405', async () => trips(await file('trips.csv', 'id,city\n1,Oslo\n'))],
      [
        'files with different columns',
        'TY1403',
        async () => trips([await file('a.csv', csv(good)), await file('b.csv', 'id\n1\n')]),
      ],
      [
        'several sources without SQL',
        'TY1404',
        async () =>
          run({
            sources: { a: { path: await file('a.csv', csv(good)) }, b: { path: await file('b.csv', csv(good)) } },
          }),
      ],
      [
        'SQL that writes',
        'TY1404',
        async () => trips(await file('a.csv', csv(good)), { sql: 'CREATE TABLE x AS SELECT 1' }),
      ],
      [
        'SQL that reads other files',
        'TY1404',
        async () => trips(await file('a.csv', csv(good)), { sql: `SELECT * FROM read_text('/etc/hostname')` }),
      ],
      [
        'SQL that fails on a row',
        'TY1404',
        async () =>
          trips(await file('a.csv', csv(good)), {
            sql: 'SELECT city::INT AS id, city, 1 AS price, true AS paid, "at" FROM trips',
          }),
      ],
      [
        'a type that never fits',
        'TY1405',
        async () =>
          trips(await file('a.csv', csv(good)), {
            sql: 'SELECT [1] AS id, city, 1 AS price, true AS paid, "at" FROM trips',
          }),
      ],
      [
        'intervals that overlap',
        'TY1409',
        async () =>
          trips(await file('a.csv', csv(good)), {
            splits: { by: 'time', column: 'at', boundaries: { a: { until: '2024-02-02' }, b: { from: '2024-02-01' } } },
          }),
      ],
      [
        'a split without rows',
        'TY1412',
        async () =>
          trips(await file('a.csv', csv(good)), {
            splits: { by: 'time', column: 'at', boundaries: { a: { until: '2020-01-01' } } },
          }),
      ],
    ];
    for (const [what, code, refused] of cases)
      it(what, async () => {
        await assert.rejects(refused(), { code });
        assert.deepEqual(await bench.leftovers(), []);
      });
  });

  it('says that the disk is full, whether it spills or writes its files, and leaves nothing', async function () {
    const disk = join(bench.folder, 'scratch');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: mounting a small tmpfs needs root');
      this.skip();
    }
    try {
      const path = join(bench.folder, 'large.parquet');
      await writeParquet(
        path,
        `SELECT i AS id, 'Oslo' AS city, hash(i) / 7 AS price, true AS paid, TIMESTAMP '2024-01-01' AS "at" FROM range(500000) t(i)`,
      );
      for (const memoryLimit of ['500MB', '40MB']) {
        await assert.rejects(trips(path, { memoryLimit }), { code: 'TY1407' });
        assert.deepEqual(await bench.leftovers(), []);
      }
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

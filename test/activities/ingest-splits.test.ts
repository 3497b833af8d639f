import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { TableBench } from './table-context.js';
import { csv, file as fileIn, good, type IngestInput as Input, run as runIn, writeParquet } from './trips.js';

describe('ingest into splits', () => {
  let bench: TableBench;
  beforeEach(async () => {
    bench = await TableBench.open();
  });
  afterEach(() => bench.close());

  const file = (name: string, text: string) => fileIn(bench, name, text);
  const trips = (path: string, more: Partial<Input> = {}) => runIn(bench, { sources: { trips: { path } }, ...more });

  it('splits by time and leaves out what lies in no interval', async () => {
    const result = await trips(await file('trips.csv', csv(good)), {
      splits: {
        by: 'time',
        column: 'at',
        boundaries: { train: { until: '2024-02-01' }, test: { from: '2024-02-01', until: '2024-02-15' } },
      },
    });
    assert.deepEqual(result.dataset.splits, { train: 1, test: 1 });
    assert.equal(result.unassignedRows, 1);
    assert.deepEqual(
      (await bench.data.rows(result.dataset, { split: 'test' })).map(({ id }) => id),
      [2],
    );
  });

  it('splits by a hash of a key that anybody can compute', async () => {
    const lines = [...Array(1000).keys()].map((id) => `${id},Oslo,1,true,2024-01-01`);
    const splits = { by: 'hash', key: ['id', 'city'], weights: { train: 8, test: 2 } } as const;
    const result = await trips(await file('trips.csv', csv(lines)), { splits: { ...splits, key: [...splits.key] } });
    const test = (id: number) =>
      createHash('md5').update(`${id}\u001fOslo\u001f`).digest().readBigUInt64LE() >=
      BigInt(Math.round(0.8 * 2 ** 53)) << 11n;
    const expected = [...Array(1000).keys()].filter(test);
    assert.ok(expected.length > 150 && expected.length < 250);
    assert.deepEqual(
      (await bench.data.rows(result.dataset, { split: 'test' })).map(({ id }) => id),
      expected,
    );
  });

  it('gives the same dataset digest again, whatever the threads do', async () => {
    const path = join(bench.folder, 'large.parquet');
    await writeParquet(
      path,
      `SELECT i AS id, CASE WHEN hash(i) % 2 = 0 THEN 'Oslo' ELSE 'Rome' END AS city, (hash(i) % 100000) / 7 AS price,
       i % 3 = 0 AS paid, TIMESTAMP '2024-01-01' + to_seconds((hash(i) % 1000000)::INT) AS at FROM range(400000) t(i)`,
    );
    const input = { splits: { by: 'hash' as const, key: ['id'], weights: { train: 3, test: 1 } } };
    for (const more of [input, {}]) {
      const digests = [];
      for (let i = 0; i < 3; i++) digests.push((await trips(path, more)).dataset.sha256);
      assert.equal(new Set(digests).size, 1);
    }
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readJson } from '../../src/artifacts/json.js';
import { DatasetManifest } from '../../src/contracts/manifests.js';
import { RejectReport } from '../../src/stages/ingest.js';
import { TableBench } from './table-context.js';
import {
  csv,
  file as fileIn,
  good,
  ingest,
  type IngestInput as Input,
  run as runIn,
  Trip,
  writeParquet,
} from './trips.js';
import { ingestRows, ingestTables } from '../../activities/ingest-tables.js';

describe('ingest', () => {
  let bench: TableBench;
  beforeEach(async () => {
    bench = await TableBench.open();
  });
  afterEach(() => bench.close());

  const file = (name: string, text: string) => fileIn(bench, name, text);
  const run = (input: Input) => runIn(bench, input);
  const trips = (path: string | string[], more: Partial<Input> = {}) => run({ sources: { trips: { path } }, ...more });
  const manifest = async (result: Awaited<ReturnType<typeof run>>) =>
    readJson(bench.store, result.dataset, DatasetManifest);

  it('implements the contract of any row', () => {
    assert.equal(ingestTables(ingest).contract, ingest);
  });

  it('reads CSV into rows of the schema, in an order that does not depend on the file', async () => {
    const result = await trips(await file('trips.csv', csv(good)));
    assert.deepEqual(await bench.data.rows(result.dataset), [
      { id: 1, city: 'Oslo', price: 9.5, paid: true, at: '2024-01-01T08:00:00Z' },
      { id: 2, city: 'Rome', price: null, paid: false, at: '2024-02-01T00:00:00Z' },
      { id: 3, city: 'Oslo', price: 0, paid: true, at: '2024-03-01T00:00:00Z' },
    ]);
    const reversed = await trips(await file('other.csv', csv([...good].reverse())));
    assert.deepEqual((await manifest(reversed)).files, (await manifest(result)).files);
  });

  it('gives the same rows from CSV, JSON lines and Parquet', async () => {
    const lines = [
      { id: 2, city: 'Rome', price: null, paid: false, at: '2024-02-01T00:00:00Z', extra: [1] },
      { id: 1, city: 'Oslo', price: 9.5, paid: true, at: '2024-01-01T10:00:00+02:00' },
      { id: 3, city: 'Oslo', price: 0, paid: true, at: '2024-03-01' },
    ];
    const fromCsv = await trips(await file('trips.csv', csv(good)));
    const fromJson = await trips(await file('trips.jsonl', lines.map((line) => JSON.stringify(line)).join('\n')));
    const parquet = join(bench.folder, 'trips.parquet');
    await writeParquet(
      parquet,
      `SELECT id::INTEGER AS id, city, price::FLOAT AS price, paid, "at"::TIMESTAMP AS "at" FROM '${join(bench.folder, 'trips.csv')}'`,
    );
    const fromParquet = await trips(parquet);
    for (const other of [fromJson, fromParquet])
      assert.deepEqual((await manifest(other)).files, (await manifest(fromCsv)).files);
  });

  it('reads globs, folders and file: URLs as one table', async () => {
    await file('in/a.csv', csv(good.slice(0, 1)));
    await file('in/deep/b.csv', csv(good.slice(1)));
    await file('in/notes.txt', 'not a table');
    for (const path of [
      join(bench.folder, 'in'),
      join(bench.folder, 'in/**/*.csv'),
      pathToFileURL(join(bench.folder, 'in')).href,
    ])
      assert.equal((await trips(path)).dataset.rows, 3, path);
    assert.equal((await trips(join(bench.folder, 'in/?.csv'))).dataset.rows, 1);
  });

  it('reads instants with and without an offset, each as what it says, in any order', async () => {
    const instants = [
      '2024-01-01T05:00:00-05:00',
      '2024-01-01 10:00',
      '2024-1-1 8:0:0-02',
      '2024-01-01T10:00:00.000Z',
      '2024-01-01 12:00:00+02',
      '2024-01-01 10:00:00',
      '2024-1-1 15:30:0+0530',
      '2024-1-1 12:0:00+02',
    ];
    const lines = instants.map((at, id) => `${id},Oslo,1,true,${at}`);
    const rows = await bench.data.rows((await trips(await file('trips.csv', csv(lines)))).dataset);
    assert.deepEqual(
      rows.map(({ at }) => at),
      instants.map(() => '2024-01-01T10:00:00Z'),
    );
    const refused = trips(
      await file('bad.csv', csv(['1,Oslo,1,true,infinity', '2,Oslo,1,true,2024-01-01 10:00 America/New_York'])),
    );
    await assert.rejects(refused, { code: 'TY1406', message: /2 of 2 rows/ });
  });

  it('reads compressed CSV with a quoted header', async () => {
    const path = join(bench.folder, 'trips.csv.gz');
    await writeFile(path, gzipSync('\uFEFF"id","city","price","paid","at"\r\n' + good.join('\r\n')));
    assert.equal((await trips(path)).dataset.rows, 3);
  });

  it('joins sources and derives columns by SQL', async () => {
    const result = await run({
      sources: {
        trips: {
          path: await file('t.csv', 'id;town;cents\n1;o;950\n2;r;x\n3;r;100\n'),
          csv: { delimiter: ';' },
          columns: { cents: 'integer' },
        },
        towns: {
          path: await file('towns.jsonl', '{"town":"o","city":"Oslo"}\n{"town":"r","city":"Rome"}\n'),
          columns: { town: 'string', city: 'string' },
        },
      },
      sql: `SELECT id, city, cents / 100 AS price, cents > 500 AS paid, TIMESTAMP '2024-01-01' AS "at" FROM trips JOIN towns USING (town)`,
      maxRejectedShare: 0.5,
    });
    assert.deepEqual(
      (await bench.data.rows(result.dataset)).map(({ id, city, price }) => [id, city, price]),
      [
        [1, 'Oslo', 9.5],
        [3, 'Rome', 1],
      ],
    );
    assert.equal(result.rejectedRows, 1);
    const { samples } = await readJson(bench.store, result.rejects!, RejectReport);
    assert.deepEqual(samples, [{ source: 'trips', row: 2, column: 'cents', value: 'x', reason: 'is not an integer' }]);
  });

  it('counts and samples what does not fit, and fails above the stated share', async () => {
    const bad = [
      '4,Oslo,1,true', // too few fields
      '5,Oslo,1,true,2024-01-01,more',
      'x,Oslo,1,true,2024-01-01',
      '6.5,Oslo,1,true,2024-01-01',
      '7,Paris,1,true,2024-01-01',
      '8,Oslo,-1,true,2024-01-01',
      '9,Oslo,1,,2024-01-01',
      '10,Oslo,1,true,yesterday',
      '11,Oslo,inf,true,2024-01-01',
    ];
    const path = await file('trips.csv', csv([...good, ...bad]));
    await assert.rejects(trips(path), {
      code: 'TY1406',
      message: /9 of 12 rows were rejected.*trips line 5: '4,Oslo,1,true': expected/,
    });
    const result = await trips(path, { maxRejectedShare: 0.75 });
    assert.equal(result.dataset.rows, 3);
    assert.equal(result.rejectedRows, 9);
    const clean = await trips(await file('clean.csv', csv(good)));
    assert.deepEqual((await manifest(result)).files, (await manifest(clean)).files);
    const { samples } = await readJson(bench.store, result.rejects!, RejectReport);
    assert.deepEqual(
      samples.map(({ line, row, column, value, reason }) => [line ?? row, column, value, reason]),
      [
        [5, undefined, '4,Oslo,1,true', 'expected Number of Columns: 5 Found: 4'],
        [6, undefined, '5,Oslo,1,true,2024-01-01,more', 'expected Number of Columns: 5 Found: 6'],
        [4, 'id', 'x', 'is not an integer'],
        [5, 'id', '6.5', 'is not an integer'],
        [6, 'city', 'Paris', 'is not one of Oslo, Rome'],
        [7, 'price', '-1', 'is not a finite number >= 0'],
        [8, 'paid', null, 'is missing'],
        [9, 'at', 'yesterday', 'is not an ISO 8601 instant'],
        [10, 'price', 'inf', 'is not a finite number >= 0'],
      ],
    );
  });

  it('counts lines that are no JSON object and keeps the lines after them', async () => {
    const line = (id: number) => JSON.stringify({ id, city: 'Oslo', paid: true, at: '2024-01-01T00:00:00Z' });
    const path = await file('trips.jsonl', [line(1), '{"id": 2, "city":', line(3), '[4]', '', line(5)].join('\n'));
    const result = await trips(path, { maxRejectedShare: 0.5 });
    assert.deepEqual(
      (await bench.data.rows(result.dataset)).map(({ id }) => id),
      [1, 3, 5],
    );
    assert.equal(result.rejectedRows, 2);
  });

  it('writes a manifest with digests of the sources and statistics of the columns', async () => {
    const path = await file('trips.csv', csv(good));
    const { sources, statistics, rows, columns } = await manifest(await trips(path));
    const bytes = await readFile(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(sources, [{ name: 'trips', sha256, sizeBytes: bytes.length }]);
    assert.equal(rows, 3);
    assert.deepEqual(
      columns.map(({ name }) => name),
      Object.keys(Trip.shape),
    );
    assert.deepEqual(statistics['city'], { nulls: 0, distinct: 2 });
    assert.deepEqual(statistics['id'], { nulls: 0, distinct: 3, min: 1, max: 3, mean: 2, std: Math.sqrt(6) / 3 });
    assert.deepEqual(statistics['price'], { nulls: 1, distinct: 2, min: 0, max: 9.5, mean: 4.75, std: 4.75 });
    assert.equal(statistics['at']?.min, Date.parse('2024-01-01T08:00:00Z') / 1000);
  });

  it('reports rows while it works and leaves nothing in its scratch folder', async () => {
    await trips(await file('trips.csv', csv(good)));
    assert.deepEqual(bench.progress.at(-1), { done: 3, total: 3, unit: 'rows' });
    assert.deepEqual(await bench.leftovers(), []);
  });

  it('stops when its signal is aborted', async () => {
    const controller = new AbortController();
    const input = ingest.input.parse({
      sources: { trips: { path: await file('trips.csv', csv(good)) } },
      sql: `SELECT count(*) AS id, 'Oslo' AS city, 1 AS price, true AS paid, DATE '2024-01-01' AS at
            FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3`,
    });
    const working = ingestRows(Trip, bench.context(input, controller.signal));
    setTimeout(() => {
      controller.abort(new Error('drained'));
    }, 200);
    await assert.rejects(working, /drained/);
    assert.deepEqual(await bench.leftovers(), []);
  });
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readJson } from '../../src/artifacts/json.js';
import { DatasetManifest } from '../../src/contracts/manifests.js';
import { type S3Proxy, startS3Proxy } from '../support/s3-proxy.js';
import { testBucket } from '../support/s3.js';
import { TableBench } from './table-context.js';
import { csv, file, good, header, run, writeParquet } from './trips.js';

describe('ingest from S3', () => {
  let bench: TableBench;
  let proxy: S3Proxy;
  let client: S3Client;
  let bucket: string;
  let folder = 0;
  before(async () => {
    const test = await testBucket();
    bucket = test.bucket;
    proxy = await startS3Proxy(test.server.endpoint);
    client = new S3Client({ endpoint: test.server.endpoint, region: 'us-east-1', forcePathStyle: true });
  });
  after(async () => {
    client.destroy();
    await proxy.close();
  });
  beforeEach(async () => {
    folder += 1;
    bench = await TableBench.open();
    process.env['TRAINYARD_CACHE'] = join(bench.folder, 'cache');
  });
  afterEach(async () => {
    delete process.env['TRAINYARD_CACHE'];
    proxy.decide(undefined);
    await bench.close();
  });

  const put = (key: string, text: string | Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: `sources-${folder}/${key}`, Body: Buffer.from(text) }));
  const uri = (path: string) => `s3://${bucket}/sources-${folder}/${path}?endpoint=${proxy.endpoint}`;
  const trips = (path: string | string[]) => run(bench, { sources: { trips: { path } } });
  const fetched = () => proxy.seen.filter(({ method, query }) => method === 'GET' && !query.has('list-type')).length;

  it('reads an object, a folder and a glob as it reads files, and says where they lay and in which version', async () => {
    const parquet = join(bench.folder, 'trips.parquet');
    await writeParquet(
      parquet,
      `SELECT * REPLACE (CAST(price AS DOUBLE) AS price) FROM read_csv('${await file(bench, 'a.csv', csv(good))}')`,
    );
    const bytes = await readFile(parquet);
    const { ETag } = await put('whole/trips.parquet', bytes);
    await put('parts/1.csv', csv(good.slice(0, 2)));
    await put('parts/deep/2.csv', csv(good.slice(2)));
    await put('parts/deep/notes.txt', 'no table');
    const local = await readJson(bench.store, (await trips(parquet)).dataset, DatasetManifest);
    for (const path of ['whole/trips.parquet', 'whole', 'whole/', 'whole/*.parquet', 'parts', 'parts/**/*.csv']) {
      const { dataset } = await trips(uri(path));
      const manifest = await readJson(bench.store, dataset, DatasetManifest);
      assert.deepEqual(manifest.files, local.files, path);
      if (!path.startsWith('whole')) continue;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      assert.deepEqual(manifest.sources, [
        {
          name: 'trips',
          sha256,
          sizeBytes: bytes.byteLength,
          uri: `s3://${bucket}/sources-${folder}/whole/trips.parquet`,
          version: ETag,
        },
      ]);
    }
    assert.deepEqual(await bench.leftovers(), []);
  });

  it('needs no cache that can be written', async () => {
    const parts = ['a.csv', 'b.csv'];
    await Promise.all(parts.map((name, index) => put(name, csv(good.slice(index * 2, index * 2 + 2)))));
    const { dataset } = await trips(uri('*.csv'));
    process.env['TRAINYARD_CACHE'] = join(await file(bench, 'no-folder', ''), 'cache');
    const before = fetched();
    const again = await trips(uri('*.csv'));
    assert.equal(again.dataset.sha256, dataset.sha256);
    assert.equal(fetched() - before, parts.length);
    assert.deepEqual(await bench.leftovers(), []);
  });

  it('fetches an object once for any number of attempts, and again when it has changed', async () => {
    await put('a.csv', csv(good));
    const before = fetched();
    const first = await trips(uri('a.csv'));
    assert.deepEqual((await trips(uri('a.csv'))).dataset, first.dataset);
    assert.equal(fetched() - before, 1);
    await put('a.csv', csv(good.slice(1)));
    assert.equal((await trips(uri('a.csv'))).dataset.rows, 2);
    assert.equal(fetched() - before, 2);
  });

  it('refuses an object that changes between the list and the read, and may be tried again', async () => {
    await put('a.csv', csv(good));
    let changing: Promise<unknown> | undefined;
    let changed = false;
    proxy.decide(({ method }) => {
      if (method !== 'GET' || changed) return undefined;
      changing ??= put('a.csv', csv(good.slice(1))).then(() => (changed = true));
      return { kind: 'status', status: 503 };
    });
    await assert.rejects(trips(uri('a.csv')), {
      code: 'TY1410',
      retried: true,
      message: /a\.csv changed after it was listed/,
    });
    await changing;
  });

  it('says what is not there, empty, or not to be read', async () => {
    await put('empty/a.csv', '');
    await put('text/a.txt', header);
    await assert.rejects(trips(uri('none.csv')), { code: 'TY1402', message: /is neither an object nor a folder/ });
    await assert.rejects(trips(uri('none/*.csv')), { code: 'TY1402', message: /matches no object/ });
    await assert.rejects(trips(uri('text')), { code: 'TY1402' });
    await assert.rejects(trips(uri('empty')), { code: 'TY1403', message: /s3:.*empty\/a\.csv is empty/ });
    await assert.rejects(trips('s3://key:secret@bucket/a.csv'), { code: 'TY1204' });
    await assert.rejects(trips(`s3://no-such-bucket/a/*.csv?endpoint=${proxy.endpoint}`), { code: 'TY1220' });
  });
});

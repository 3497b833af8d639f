import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { sha256 } from '../../src/artifacts/digest.js';
import { LocalCache } from '../../src/artifacts/local-cache.js';
import type { Patience } from '../../src/artifacts/s3-bucket.js';
import { openS3Store } from '../../src/artifacts/s3-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { collect } from '../../src/artifacts/verified.js';
import { installServer, versitygw } from '../../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../../tools/s3/start.js';
import { type Fault, faultOnce, type S3Proxy, type SeenRequest, startS3Proxy } from '../support/s3-proxy.js';
import { testBucket } from '../support/s3.js';
import { bytes, listed, temporaryFolder, text } from './support.js';

const MiB = 1024 * 1024;
const is = (method: string) => (request: SeenRequest) => request.method === method;
const stall = 60_000;

describe('the S3 store before a server, a line or a proxy that fails', () => {
  let proxy: S3Proxy;
  let uri: string;
  before(async () => {
    const { server, bucket } = await testBucket();
    proxy = await startS3Proxy(server.endpoint);
    uri = `s3://${bucket}/faults?endpoint=${proxy.endpoint}`;
  });
  after(() => proxy.close());
  afterEach(() => {
    proxy.decide(undefined);
  });

  async function uploads() {
    const { server, bucket } = await testBucket();
    const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    client.destroy();
    return Uploads;
  }

  async function open(patience: Partial<Patience> = {}): Promise<ArtifactStore> {
    const cache = new LocalCache({ folder: await temporaryFolder(), limitBytes: 1e9 });
    return openS3Store(uri, { cache, patience: { idleMs: 500, pauseMs: 20, ...patience } });
  }

  const faults: readonly Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
    { kind: 'reset' },
    { kind: 'lost answer' },
    { kind: 'lost answer', status: 500 },
    { kind: 'stall', ms: stall },
    { kind: 'altered upload', at: 3 },
  ];
  for (const [index, fault] of faults.entries()) {
    const name = `${fault.kind}${'status' in fault && fault.status !== undefined ? ` ${fault.status}` : ''}`;
    it(`creates a record once, and knows that it did, through "${name}" (twice)`, async () => {
      const store = await open();
      const key = `create/${index}/a`;
      proxy.decide(faultOnce(fault, is('PUT'), 2));
      assert.equal(await store.create(key, bytes('mine')), true);
      assert.equal(await store.create(key, bytes('mine')), false);
      assert.equal(text(await store.read(key)), 'mine');
    });

    it(`stores small and large bytes through "${name}"`, async () => {
      const store = await open();
      proxy.decide(faultOnce(fault, is('PUT'), 2));
      const small = await store.put(bytes(`small ${index}`));
      assert.equal(text(await collect(store.get(small))), `small ${index}`);
      const content = new Uint8Array(8 * MiB + 1).fill(index + 1);
      proxy.decide(faultOnce(fault, ({ query }) => query.has('partNumber'), 2));
      const large = await store.put(content);
      assert.equal(large.sha256, sha256(content));
      assert.deepEqual(new Uint8Array(await readFile(await store.materialise(large))), content);
    });
  }

  it('does not take another writer for itself, though it wrote the same bytes', async () => {
    const [mine, theirs] = [await open(), await open()];
    let created: boolean | undefined;
    proxy.decide((request) => {
      if (request.method !== 'PUT' || created !== undefined) return undefined;
      created = false;
      return { kind: 'stall', ms: stall };
    });
    const mineFirst = mine.create('race/same', bytes('same'));
    while (created === undefined) await new Promise(setImmediate);
    created = await theirs.create('race/same', bytes('same'));
    assert.deepEqual([await mineFirst, created], [false, true]);
  });

  const badReads: readonly Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'reset' },
    { kind: 'stall', ms: stall },
    { kind: 'stalled body', afterBytes: 100, ms: stall },
    { kind: 'short body', bytes: 100 },
    { kind: 'altered body', at: 50 },
  ];
  for (const fault of badReads)
    it(`reads records, small and large content through "${fault.kind}" (twice)`, async () => {
      const store = await open();
      const record = new Uint8Array(1000).fill(1);
      const key = `read/${fault.kind.replaceAll(' ', '-')}`;
      await store.create(key, record);
      const small = await store.put(new Uint8Array(1000).fill(2));
      const large = await store.put(new Uint8Array(16 * MiB + 1).fill(3)); // two ranges
      proxy.decide(faultOnce(fault, is('GET'), 2));
      assert.deepEqual(await store.read(key), record);
      proxy.decide(faultOnce(fault, is('GET'), 2));
      assert.equal(sha256(await collect(store.get(small))), small.sha256);
      proxy.decide(faultOnce(fault, is('GET'), 2));
      assert.equal(sha256(await readFile(await store.materialise(large))), large.sha256);
      proxy.decide(faultOnce(fault, is('GET'), 2));
      assert.deepEqual(await listed(store, 'read/'), (await listed(store, 'read/')).sort());
    });

  it('goes on with a download where it broke off', async () => {
    const store = await open({ idleMs: 10_000 });
    const large = await store.put(new Uint8Array(8 * MiB + 1).fill(9));
    const before = proxy.seen.length;
    proxy.decide(faultOnce({ kind: 'short body', bytes: MiB }, is('GET')));
    assert.equal((await collect(store.get(large))).byteLength, large.sizeBytes);
    const ranges = proxy.seen.slice(before).map(({ headers }) => headers.range);
    assert.ok(ranges.includes(`bytes=${MiB}-${3 * MiB - 1}`), ranges.join(', '));
  });

  it('says that bytes of a large artifact arrived altered when the store holds them whole', async () => {
    const store = await open({ idleMs: 10_000 });
    const large = await store.put(new Uint8Array(8 * MiB + 1).fill(8));
    proxy.decide(faultOnce({ kind: 'altered body', at: 5 }, is('GET')));
    await assert.rejects(collect(store.get(large)), { code: 'TY1226', retried: true });
  });

  it('leaves no upload behind when it fails or is aborted', async () => {
    const store = await open({ budgetMs: 500 });
    proxy.decide(({ query }) => (query.get('partNumber') === '2' ? { kind: 'status', status: 500 } : undefined));
    await assert.rejects(store.put(new Uint8Array(8 * MiB + 1)), { code: 'TY1223', retried: true });
    assert.deepEqual(await uploads(), []);
    const abort = new AbortController();
    proxy.decide(({ query }) => {
      if (query.get('partNumber') === '2') abort.abort(new Error('enough'));
      return undefined;
    });
    await assert.rejects(store.put(new Uint8Array(8 * MiB + 1), { signal: abort.signal }), /enough/);
    assert.deepEqual(await uploads(), []);
  });

  it('takes back the uploads of processes that were killed a day ago, and no younger ones', async () => {
    const { server, bucket, folder } = await testBucket();
    const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true });
    const [old, young] = [randomUUID(), randomUUID()].map((name) => `faults/objects/sha256/${name}`);
    for (const Key of [old, young]) await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const begun = await uploads();
    const { UploadId: id = '' } = begun.find(({ Key }) => Key === old)!;
    const inside = await readdir(join(folder, '.sgwtmp'), { recursive: true });
    const path = inside.find((name) => name.endsWith(id))!;
    await utimes(join(folder, '.sgwtmp', path), 0, new Date(Date.now() - 25 * 3_600_000));
    await (await open()).put(new Uint8Array(8 * MiB + 1).fill(77));
    assert.deepEqual(
      (await uploads()).map(({ Key }) => Key),
      [young],
    );
    client.destroy();
  });

  it('goes on when its server is killed with -9 in the middle of an upload, and of a download, and comes back', async () => {
    const folder = await temporaryFolder();
    const binary = await installServer(versitygw, (line) => console.error(line));
    let server = await startVersitygw(binary, { folder });
    await makeBucket(server, 'mortal');
    const line = await startS3Proxy(server.endpoint);
    const cache = new LocalCache({ folder: await temporaryFolder(), limitBytes: 1e9 });
    const store = openS3Store(`s3://mortal/x?endpoint=${line.endpoint}`, { cache, patience: { pauseMs: 20 } });
    let reborn: Promise<void> | undefined;
    const killAt = (matches: (request: SeenRequest) => boolean) => {
      reborn = undefined;
      line.decide((request) => {
        if (reborn === undefined && matches(request))
          reborn = server.kill().then(async () => {
            server = await startVersitygw(binary, { folder, port: server.port });
          });
        return undefined;
      });
    };
    try {
      killAt(({ query }) => query.get('partNumber') === '2');
      const ref = await store.put(new Uint8Array(16 * MiB + 1).fill(5));
      await reborn;
      killAt(({ method, headers }) => method === 'GET' && headers.range?.startsWith('bytes=0-') === true);
      assert.equal(sha256(await readFile(await store.materialise(ref))), ref.sha256);
      await reborn;
    } finally {
      await line.close();
      await server.stop();
    }
  });

  it('gives up after its budget, sooner where the endpoint has never answered, and says why', async () => {
    const silent = await open({ firstAnswerMs: 300 });
    proxy.decide(() => ({ kind: 'reset' }));
    await assert.rejects(silent.read('a/b'), { code: 'TY1223', message: /cannot be reached: .*ECONNRESET/ });
    const store = await open({ budgetMs: 300 });
    proxy.decide(undefined);
    await store.read('a/b');
    proxy.decide(() => ({ kind: 'status', status: 503 }));
    await assert.rejects(store.read('a/b'), { code: 'TY1223', message: /keeps failing \(status 503\)/ });
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { digestFile, sha256 } from '../../src/artifacts/digest.js';
import { LocalCache } from '../../src/artifacts/local-cache.js';
import { pinning } from '../../src/artifacts/pinning.js';
import { openS3Store } from '../../src/artifacts/s3-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { collect } from '../../src/artifacts/verified.js';
import { objectKey } from '../../src/contracts/names.js';
import { installedServer, installServer, minio } from '../../tools/s3/install.js';
import { minioKey, startMinio } from '../../tools/s3/start.js';
import { startS3Proxy } from '../support/s3-proxy.js';
import { testBucket } from '../support/s3.js';
import { bytes, listed, temporaryFolder, text } from './support.js';

const MiB = 1024 * 1024;
const granule = 8 * MiB;

async function open(uri: string, folder?: string): Promise<ArtifactStore> {
  const cache = new LocalCache({ folder: folder ?? (await temporaryFolder()), limitBytes: 1e9 });
  return openS3Store(uri, { cache, patience: { firstAnswerMs: 200, pauseMs: 20 } });
}

/** Runs `work` with other variables in the environment, and none of those that are undefined. */
async function withEnv(env: Readonly<Record<string, string | undefined>>, work: () => Promise<unknown>): Promise<void> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const set = (values: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  };
  set(env);
  await work().finally(() => {
    set(before);
  });
}

describe('an S3 store and its server', () => {
  it('says which bucket is missing, and that credentials are wrong, missing, or cannot be tried', async () => {
    const { server, bucket } = await testBucket();
    const missing = await open(`s3://no-such-bucket/x?endpoint=${server.endpoint}`);
    const uri = `s3://${bucket}/x?endpoint=${server.endpoint}`;
    const calls = [
      () => missing.read('a/b'),
      () => missing.create('a/b', bytes('x')),
      () => missing.put(bytes('x')),
      () => listed(missing, 'a/'),
    ];
    for (const call of calls)
      await assert.rejects(call(), { code: 'TY1220', message: /no bucket no-such-bucket at s3:\/\/.*127\.0\.0\.1/ });
    await withEnv({ AWS_SECRET_ACCESS_KEY: 'wrong' }, async () => {
      await assert.rejects((await open(uri)).read('a/b'), { code: 'TY1221', message: /SignatureDoesNotMatch/ });
    });
    await withEnv({ AWS_ACCESS_KEY_ID: 'nobody' }, async () => {
      await assert.rejects((await open(uri)).read('a/b'), { code: 'TY1221', message: /InvalidAccessKeyId/ });
    });
    const home = await temporaryFolder();
    const nobody = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const files = { AWS_SHARED_CREDENTIALS_FILE: join(home, 'a'), AWS_CONFIG_FILE: join(home, 'b') };
    await withEnv({ ...nobody, ...files }, async () => {
      await assert.rejects((await open(uri)).read('a/b'), {
        code: 'TY1222',
        message: /no credentials for s3:\/\/tests/,
      });
    });
    const nowhere = await open('s3://bucket/x?endpoint=http://127.0.0.1:1');
    await assert.rejects(nowhere.read('a/b'), { code: 'TY1223', message: /cannot be reached: .*ECONNREFUSED/ });
  });

  it('is found by AWS_ENDPOINT_URL_S3 where its uri names no endpoint', async () => {
    const { server, bucket } = await testBucket();
    await withEnv({ AWS_ENDPOINT_URL_S3: server.endpoint }, async () => {
      const store = await open(`s3://${bucket}/by-environment/`);
      assert.equal(store.uri, `s3://${bucket}/by-environment`);
      assert.equal(await store.create('a/b', bytes('found')), true);
    });
  });

  it("works on a machine whose clock is a day off, and keeps ages by the server's", async () => {
    const { newStore } = await testBucket();
    const { now } = Date;
    for (const days of [-1, 1])
      try {
        Date.now = () => now() + days * 24 * 3_600_000;
        const store = await open(newStore());
        assert.equal(await store.create('a/b', bytes('x')), true);
        assert.ok(Math.abs((await store.housekeeping.now()) - now()) < 60_000);
      } finally {
        Date.now = now;
      }
  });

  it('says that a clock is wrong when the server takes no correction', async () => {
    const { server, bucket } = await testBucket();
    const proxy = await startS3Proxy(server.endpoint);
    proxy.decide(() => ({ kind: 'status', status: 403, code: 'RequestTimeTooSkewed' }));
    const store = await open(`s3://${bucket}/x?endpoint=${proxy.endpoint}`);
    await assert.rejects(store.read('a/b'), { code: 'TY1224' });
    await proxy.close();
  });

  it('lists more keys than fit on one page, in order', async () => {
    const { folder, newStore, server } = await testBucket();
    const proxy = await startS3Proxy(server.endpoint);
    const uri = new URL(newStore());
    const records = join(folder, uri.pathname, 'r');
    await mkdir(records, { recursive: true });
    const names = Array.from({ length: 2_001 }, (_, index) => index.toString(36).padStart(3, '0'));
    await Promise.all(names.map((name) => writeFile(join(records, name), '')));
    uri.searchParams.set('endpoint', proxy.endpoint);
    assert.deepEqual(await listed(await open(uri.href), 'r/'), names.map((name) => `r/${name}`).sort());
    assert.equal(proxy.seen.length, 3);
    await proxy.close();
  });

  it('takes a stream of unknown length in parts, and leaves nothing of it on this machine', async () => {
    const { newStore, server } = await testBucket();
    const proxy = await startS3Proxy(server.endpoint);
    const uri = new URL(newStore());
    uri.searchParams.set('endpoint', proxy.endpoint);
    const cacheFolder = await temporaryFolder();
    const store = await open(uri.href, cacheFolder);
    async function* pieces() {
      for (let piece = 0; piece < 20; piece++) yield await Promise.resolve(new Uint8Array(MiB + 1).fill(piece));
    }
    const whole = await collect(pieces());
    const ref = await store.put(pieces());
    assert.deepEqual([ref.sha256, ref.sizeBytes], [sha256(whole), whole.byteLength]);
    assert.deepEqual(await collect(store.get(ref)), whole);
    assert.deepEqual(await readdir(join(cacheFolder, '.incoming')), []);
    assert.equal(proxy.seen.filter(({ query }) => query.has('partNumber')).length, 3);
    await store.put({ path: await store.materialise(ref) });
    assert.equal(proxy.seen.filter(({ query }) => query.has('partNumber')).length, 3, 'it was there');
    await proxy.close();
  });

  it('reads on beside a full cache, into the folder of who needs a path, and stores what needs no spool', async function () {
    const { newStore } = await testBucket();
    const cacheFolder = await temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', cacheFolder], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: mounting a small tmpfs needs root');
      this.skip();
    }
    try {
      const store = await open(newStore(), cacheFolder);
      const content = new Uint8Array(2 * granule + 1).fill(1);
      const ref = await store.put(content);
      assert.equal((await collect(store.get(ref))).byteLength, ref.sizeBytes);
      await assert.rejects(store.materialise(ref), { code: 'TY1203', message: /disk of the cache .* is full/ });
      const scratch = await temporaryFolder();
      const path = await pinning(store, () => scratch).materialise(ref);
      assert.ok(path.startsWith(scratch));
      assert.deepEqual(await digestFile(path), { sha256: ref.sha256, sizeBytes: ref.sizeBytes });
      async function* stream() {
        yield await Promise.resolve(content);
      }
      await assert.rejects(store.put(stream()), { code: 'TY1203', message: /waits for its upload, is full/ });
      assert.deepEqual(await readdir(join(cacheFolder, '.incoming')), []);
    } finally {
      execFileSync('umount', [cacheFolder]);
    }
  });

  it('refuses a server that does not encrypt as demanded, and says what lies there in the clear', async () => {
    const { newStore } = await testBucket();
    for (const demand of ['AES256', 'aws:kms&kmsKey=alias/ours']) {
      const store = await open(`${newStore()}&encryption=${demand}`);
      const small = bytes('secret');
      await assert.rejects(store.put(small), {
        code: 'TY1225',
        message: new RegExp(`demanded, the server confirms nothing: .*${objectKey(sha256(small))} is stored like that`),
      });
      await assert.rejects(store.create('heads/a', small), { code: 'TY1225', message: /heads\/a is stored like that/ });
      await assert.rejects(store.put(new Uint8Array(granule + 1)), {
        code: 'TY1225',
        message: /its parts were taken back/,
      });
    }
  });

  it('encrypts where it is demanded, by the key that is named: minio', async function () {
    this.timeout(900_000);
    if (installedServer(minio) === undefined && process.env['TRAINYARD_TEST_MINIO'] !== '1') {
      console.log(`      skipped: minio is not built yet (${minio.minutes}); TRAINYARD_TEST_MINIO=1 builds it`);
      this.skip();
    }
    const server = await startMinio(await installServer(minio, (line) => console.error(line)));
    await testBucket(); // the same keys
    const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true });
    try {
      await client.send(new CreateBucketCommand({ Bucket: 'secrets' }));
      for (const [demand, said] of [
        ['AES256', 'AES256'],
        [`aws:kms&kmsKey=${minioKey}`, 'aws:kms'],
      ] as const) {
        const store = await open(
          `s3://secrets/${said.replace(':', '')}?endpoint=${server.endpoint}&encryption=${demand}`,
        );
        const small = await store.put(bytes(`small ${demand}`));
        const large = await store.put(new Uint8Array(granule + 1).fill(said.length));
        assert.equal(await store.create('heads/a', bytes('x')), true);
        assert.equal(text(await collect(store.get(small))), `small ${demand}`);
        assert.equal(sha256(await collect(store.get(large))), large.sha256);
        for (const key of [objectKey(small.sha256), objectKey(large.sha256), 'heads/a']) {
          const head = await client.send(
            new HeadObjectCommand({ Bucket: 'secrets', Key: `${said.replace(':', '')}/${key}` }),
          );
          assert.equal(head.ServerSideEncryption, said);
        }
      }
      const other = await open(`s3://secrets/other?endpoint=${server.endpoint}&encryption=aws:kms&kmsKey=no-such-key`);
      await assert.rejects(other.put(bytes('x')), { code: 'TY1227', message: /KMS|key/i });
    } finally {
      client.destroy();
      await server.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sha256 } from '../../src/artifacts/digest.js';
import { writeAll } from '../../src/artifacts/durable-files.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { openStore } from '../../src/artifacts/open-store.js';
import { collect } from '../../src/artifacts/verified.js';
import { objectKey } from '../../src/contracts/names.js';
import { behavesAsAStore } from './store-behaviour.js';
import { bytes, damageFile, listed, temporaryFolder, text } from './support.js';

const incoming = (root: string) => readdir(join(root, '.incoming'));
const writer = fileURLToPath(new URL('./writer-process.js', import.meta.url));

describe('the file store', () => {
  behavesAsAStore(async () => {
    const root = await temporaryFolder();
    return {
      store: await openFileStore(root),
      damage: (digest, how) => damageFile(join(root, objectKey(digest)), how),
      age: async (digest) => {
        const dayAgo = Date.now() / 1000 - 24 * 3600;
        await utimes(join(root, objectKey(digest)), dayAgo, dayAgo);
      },
    };
  });

  it('keeps content once, read-only, under its digest, and leaves no temporary file', async () => {
    const root = await temporaryFolder();
    const store = await openFileStore(root);
    const ref = await store.put(bytes('once'));
    const before = await stat(join(root, objectKey(ref.sha256)));
    await store.put(bytes('once'));
    const after = await stat(join(root, objectKey(ref.sha256)));
    assert.equal(after.ino, before.ino);
    assert.equal(after.mode & 0o777, 0o444);
    await store.create('r/a', bytes('1'));
    await store.create('r/a', bytes('2'));
    assert.deepEqual(await incoming(root), []);
  });

  it('leaves no temporary file when the source fails', async () => {
    const root = await temporaryFolder();
    const store = await openFileStore(root);
    async function* failing() {
      yield await Promise.resolve(bytes('half'));
      throw new Error('source broke');
    }
    await assert.rejects(store.put(failing()), /source broke/);
    assert.deepEqual(await incoming(root), []);
    assert.deepEqual(await readdir(root), ['.incoming']);
  });

  it('stores 300 MB without holding it in memory', async () => {
    const store = await openFileStore(await temporaryFolder());
    const chunk = new Uint8Array(1024 * 1024).fill(7);
    const start = process.memoryUsage.rss();
    let peak = start;
    async function* large() {
      for (let piece = 0; piece < 300; piece++) {
        peak = Math.max(peak, process.memoryUsage.rss());
        yield await Promise.resolve(chunk);
      }
    }
    const ref = await store.put(large());
    assert.equal(ref.sizeBytes, 300 * 1024 * 1024);
    assert.ok(peak - start < 100 * 1024 * 1024, `grew by ${peak - start} bytes`);
  });

  it('is opened by the uri that it calls itself, and by a path relative to the project', async () => {
    const root = await temporaryFolder();
    const store = await openStore('file:sub/a store', { baseFolder: root });
    assert.equal(store.uri, pathToFileURL(join(root, 'sub/a store')).href);
    const ref = await store.put(bytes('x'));
    const again = await openStore(store.uri, { baseFolder: '/nowhere' });
    assert.equal(text(await collect(again.get(ref))), 'x');
  });

  it('is refused with a reason for a scheme that nobody knows and for a folder that cannot be one', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'file'), '');
    const open = (uri: string) => openStore(uri, { baseFolder: root });
    for (const uri of ['/plain/path', 'file:', 'http://x', 'file://host/share'])
      await assert.rejects(open(uri), { code: 'TY1204', message: /Name a folder: "file:/ }, uri);
    await assert.rejects(open('file:file'), { code: 'TY1206', message: /cannot hold a store/ });
  });

  it('writes all bytes on a disk that takes only a few at a time, and stops when it takes none', async () => {
    const written: number[] = [];
    const taking = (most: number) => (_: number, from: Uint8Array, offset: number, length: number) => {
      const bytesWritten = Math.min(most, length);
      written.push(...from.subarray(offset, offset + bytesWritten));
      return Promise.resolve(bytesWritten);
    };
    const bytes = Uint8Array.from({ length: 10 }, (_, i) => i);
    await writeAll(-1, bytes, taking(3));
    assert.deepEqual(written, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await assert.rejects(writeAll(-1, Uint8Array.of(1), taking(0)), { code: 'ENOSPC' });
  });

  it('says that the disk is full, and leaves nothing half-written', async function () {
    const root = await temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: mounting a small tmpfs needs root');
      this.skip();
    }
    try {
      const store = await openFileStore(root);
      const small = await store.put(bytes('fits'));
      await assert.rejects(store.put(new Uint8Array(2 * 1024 * 1024)), {
        code: 'TY1203',
        message: /disk of .* is full/,
      });
      await assert.rejects(store.create('r/large', new Uint8Array(2 * 1024 * 1024)), { code: 'TY1203' });
      assert.deepEqual(await incoming(root), []);
      assert.equal(await store.read('r/large'), undefined);
      assert.deepEqual(await listed(store, 'r/'), []);
      assert.equal(text(await collect(store.get(small))), 'fits');
      await store.put(new Uint8Array(100_000));
    } finally {
      execFileSync('umount', [root]);
    }
  });

  it('sweeps what dead and forgotten writers left when it is opened, and nothing of a live one', async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, '.incoming'));
    const old = join(root, '.incoming', 'elsewhere-1-0011');
    await writeFile(old, 'old');
    await utimes(old, 0, 0);
    await writeFile(join(root, '.incoming', 'elsewhere-1-2233'), 'new');
    const release = new AbortController();
    const store = await openFileStore(root);
    async function* slow() {
      yield bytes('a');
      await once(release.signal, 'abort');
      yield bytes('b');
    }
    const put = store.put(slow());
    while ((await incoming(root)).length < 2) await new Promise(setImmediate);
    await openFileStore(root);
    release.abort();
    assert.equal((await put).sha256, sha256('ab'));
    assert.deepEqual(await incoming(root), ['elsewhere-1-2233']);
  });

  for (const what of ['put', 'create'] as const)
    it(`shows nothing of a ${what} whose process is killed with -9 in the middle`, async () => {
      const root = await temporaryFolder();
      const child = fork(writer, [root, what], { stdio: 'ignore' });
      while ((await incoming(root).catch(() => [])).length === 0) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = await openFileStore(root);
      assert.deepEqual(await incoming(root), []);
      const objects = await readdir(join(root, 'objects'), { recursive: true }).catch(() => []);
      for (const name of objects) {
        const digest = name.split('/')[2];
        if (digest !== undefined)
          await store.materialise({ sha256: digest, sizeBytes: (await stat(join(root, 'objects', name))).size });
      }
      for (const key of await listed(store, 'r/')) assert.equal((await store.read(key))!.byteLength, 1_000_000);
    });

  it('lets exactly one of two processes create each key', async () => {
    const root = await temporaryFolder();
    const results = await Promise.all(
      [1, 2].map(async () => {
        const child = fork(writer, [root, 'race']);
        const [won] = (await once(child, 'message')) as [boolean[]];
        return won;
      }),
    );
    assert.equal(results[0]!.length, 100);
    for (const [index, first] of results[0]!.entries()) assert.notEqual(first, results[1]![index]);
  });

  it('removes the folders that the last of their records leaves empty', async () => {
    const root = await temporaryFolder();
    const store = await openFileStore(root);
    for (const key of ['attempts/wf/call/token/1', 'attempts/other']) await store.create(key, bytes('x'));
    await store.housekeeping.removeRecord('attempts/wf/call/token/1');
    assert.deepEqual(await readdir(join(root, 'attempts')), ['other']);
    await store.housekeeping.removeRecord('attempts/other');
    assert.deepEqual(await readdir(root), ['.incoming']);
  });

  it('hashes an artifact once for any number of files that are asked for, as long as inode, size and time stand', async () => {
    const root = await temporaryFolder();
    const store = await openFileStore(root);
    const ref = await store.put(bytes('large model'));
    const path = join(root, objectKey(ref.sha256));
    await utimes(path, 1000, 1000);
    await store.materialise(ref);
    await chmod(path, 0o644);
    await writeFile(path, 'other model', { flag: 'r+' });
    await utimes(path, 1000, 1000);
    assert.equal(await store.materialise(ref), path);
    await assert.rejects((await openFileStore(root)).materialise(ref), { code: 'TY1202' });
    await utimes(path, 1000, 1001);
    await assert.rejects(store.materialise(ref), { code: 'TY1202' });
  });
});

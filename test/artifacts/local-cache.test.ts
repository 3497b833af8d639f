import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../src/artifacts/digest.js';
import { writeAll } from '../../src/artifacts/durable-files.js';
import { LocalCache } from '../../src/artifacts/local-cache.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { pinning } from '../../src/artifacts/pinning.js';
import type { Content } from '../../src/artifacts/verified.js';
import { bytes, temporaryFolder } from './support.js';

const kB = 1000;
const contentOf = (value: Uint8Array): Content => ({ sha256: sha256(value), sizeBytes: value.byteLength });

/** A source that counts how often it is asked. */
function counted(value: Uint8Array) {
  let asked = 0;
  const fill = async (file: number) => {
    asked += 1;
    await writeAll(file, value);
    return contentOf(value);
  };
  return { fill, asked: () => asked };
}

/** Puts a copy of 100 kB of `letter` into the cache, as one that was last used so many minutes ago. */
async function keep(cache: LocalCache, letter: string, minutesAgo: number): Promise<string> {
  const value = copyOf(letter);
  const path = await cache.file(contentOf(value), counted(value).fill);
  const { mtime } = await stat(path);
  await utimes(path, new Date(Date.now() - minutesAgo * 60_000), mtime);
  return path;
}

const copyOf = (letter: string) => bytes(letter.repeat(100 * kB));

/** Of which letters there are copies; by their names, because reading one is using it. */
async function lettersIn(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).join();
  return 'abcdef'.replace(/./g, (letter) => (names.includes(sha256(copyOf(letter))) ? letter : ''));
}

describe('the local cache', () => {
  it('fetches a copy once, also for many who ask at once and for another process on its folder', async () => {
    const folder = await temporaryFolder();
    const [one, other] = [new LocalCache({ folder, limitBytes: 1e6 }), new LocalCache({ folder, limitBytes: 1e6 })];
    const value = bytes('wanted by many');
    const source = counted(value);
    const paths = await Promise.all(Array.from({ length: 10 }, () => one.file(contentOf(value), source.fill)));
    paths.push(await other.file(contentOf(value), source.fill));
    assert.equal(new Set(paths).size, 1);
    assert.equal(source.asked(), 1);
    assert.deepEqual(await readFile(paths[0]!), Buffer.from(value));
    assert.equal((await stat(paths[0]!)).mode & 0o222, 0);
    assert.deepEqual(await readdir(one.incoming), []);
  });

  it('fetches a damaged copy again', async () => {
    const folder = await temporaryFolder();
    const cache = new LocalCache({ folder, limitBytes: 1e6 });
    const value = bytes('precious bytes');
    const source = counted(value);
    const path = await cache.file(contentOf(value), source.fill);
    for (const damaged of ['PRECIOUS BYTES', 'precious', '']) {
      await chmod(path, 0o644);
      await writeFile(path, damaged);
      assert.equal(await readFile(await cache.file(contentOf(value), source.fill), 'utf8'), 'precious bytes');
    }
    assert.equal(source.asked(), 4);
  });

  it('keeps nothing of a copy that could not be fetched', async () => {
    const folder = await temporaryFolder();
    const cache = new LocalCache({ folder, limitBytes: 1e6 });
    const failing = async (file: number) => {
      await writeAll(file, bytes('half'));
      throw new Error('the line broke');
    };
    await assert.rejects(cache.file(contentOf(bytes('half and half')), failing), /the line broke/);
    assert.deepEqual(await readdir(cache.incoming), []);
    assert.equal(await lettersIn(folder), '');
  });

  it('takes away the least recently used, and nothing that is in use or was used a moment ago', async () => {
    const folder = await temporaryFolder();
    const cache = new LocalCache({ folder, limitBytes: 450 * kB });
    for (const [letter, minutesAgo] of [
      ['a', 50],
      ['b', 40],
      ['c', 30],
      ['d', 20],
    ] as const)
      await keep(cache, letter, minutesAgo);
    // `a` is used again by somebody else, `b` has another name elsewhere.
    await keep(new LocalCache({ folder, limitBytes: 450 * kB }), 'a', 5);
    const b = await keep(cache, 'b', 60);
    const pin = join(await temporaryFolder(), 'pin');
    await link(b, pin);
    await keep(cache, 'e', 0);
    assert.equal(await lettersIn(folder), 'abde');
    assert.equal((await readFile(pin, 'utf8'))[0], 'b');
    await keep(cache, 'f', 0);
    assert.equal(await lettersIn(folder), 'abef');
  });

  it('gives up what was opened without disturbing its reader', async () => {
    const folder = await temporaryFolder();
    const cache = new LocalCache({ folder, limitBytes: 150 * kB });
    const file = await open(await keep(cache, 'a', 10));
    await keep(cache, 'b', 0);
    assert.equal(await lettersIn(folder), 'b');
    assert.equal((await file.readFile('utf8')).length, 100 * kB);
    await file.close();
  });

  it('stays whole and bounded while several processes fill one folder', async () => {
    const folder = await temporaryFolder();
    const script = fileURLToPath(new URL('./cache-process.js', import.meta.url));
    const children = [1, 2, 3].map((seed) => fork(script, [folder, String(seed)], { stdio: 'ignore' }));
    const codes = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    for (const name of await readdir(folder, { recursive: true })) {
      const digest = /[0-9a-f]{64}$/.exec(name)?.[0];
      if (digest !== undefined) assert.equal(sha256(await readFile(join(folder, name))), digest);
    }
  });

  it('says that the disk is full only when taking copies away has not helped', async function () {
    const folder = await temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=450k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      console.log('      skipped: mounting a small tmpfs needs root');
      this.skip();
    }
    try {
      const cache = new LocalCache({ folder, limitBytes: 1e9 });
      for (const letter of 'abcd') await keep(cache, letter, 10);
      await keep(cache, 'e', 10);
      assert.equal(await lettersIn(folder), 'e');
      const large = new Uint8Array(600 * kB);
      await assert.rejects(cache.file(contentOf(large), counted(large).fill), { code: 'TY1203' });
      assert.deepEqual(await readdir(cache.incoming), []);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a pinned store', () => {
  it('gives files that stay when the store loses them', async () => {
    const store = new MemoryStore();
    const folder = await temporaryFolder();
    const pinned = pinning(store, () => folder);
    const ref = await pinned.put(bytes('in use'));
    const path = await pinned.materialise(ref);
    assert.ok(path.startsWith(folder));
    await rm(await store.materialise(ref));
    assert.equal(await readFile(path, 'utf8'), 'in use');
    assert.equal(await pinned.materialise(ref), path);
  });
});

/** What every artifact store does: one suite, run against each of them. @module */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { assertConforms } from '../../src/artifacts/conformance.js';
import { sha256 } from '../../src/artifacts/digest.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { collect } from '../../src/artifacts/verified.js';
import { tidiesUp } from './housekeeping-behaviour.js';
import { bytes, type Damage, listed, text } from './support.js';

/** A store under test, the ways in which its content can go bad behind its back, and a way to make an object look a day old. */
export interface StoreUnderTest {
  readonly store: ArtifactStore;
  readonly damage: (sha256: string, how: Damage) => Promise<void>;
  readonly age: (sha256: string) => Promise<void>;
}

/** Describes the behaviour of the stores that `open` makes, each fresh and empty. */
export function behavesAsAStore(open: () => Promise<StoreUnderTest>): void {
  let store: ArtifactStore;
  let damage: StoreUnderTest['damage'];
  let age: StoreUnderTest['age'];
  beforeEach(async () => {
    ({ store, damage, age } = await open());
  });

  describe('content', () => {
    it('gives back what was put, by the digest that sha256 gives', async () => {
      const ref = await store.put(bytes('hello'));
      assert.deepEqual(ref, {
        uri: `artifact://sha256/${sha256('hello')}`,
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
        sizeBytes: 5,
      });
      assert.equal(text(await collect(store.get(ref))), 'hello');
    });

    it('stores the same bytes under the same ref, whole or in pieces', async () => {
      const whole = await store.put(bytes('one two three'));
      assert.deepEqual(
        await store.put(Readable.from([bytes('one '), bytes(''), bytes('two '), bytes('three')])),
        whole,
      );
    });

    it('keeps empty content', async () => {
      const ref = await store.put(new Uint8Array());
      assert.equal(ref.sizeBytes, 0);
      assert.equal((await collect(store.get(ref))).byteLength, 0);
      assert.equal((await stat(await store.materialise(ref))).size, 0);
    });

    it('is not changed by what the caller does to the bytes afterwards', async () => {
      const mine = bytes('mine');
      const ref = await store.put(mine);
      mine.fill(0);
      const given = await collect(store.get(ref));
      given.fill(0);
      assert.equal(text(await collect(store.get(ref))), 'mine');
    });

    it('takes a source that reuses its buffer', async () => {
      async function* reusing() {
        const buffer = new Uint8Array(1);
        for (const letter of 'abc') {
          buffer.set(bytes(letter));
          yield await Promise.resolve(buffer);
        }
      }
      assert.equal(text(await collect(store.get(await store.put(reusing())))), 'abc');
    });

    it('passes on the error of a source that fails half-way, and keeps nothing', async () => {
      async function* failing() {
        yield await Promise.resolve(bytes('half'));
        throw new Error('source broke');
      }
      await assert.rejects(store.put(failing()), /source broke/);
      await assert.rejects(collect(store.get({ sha256: sha256('half'), sizeBytes: 4 })), { code: 'TY1201' });
    });

    it('stops when it is aborted', async () => {
      const controller = new AbortController();
      async function* endless() {
        for (let piece = 0; ; piece++) {
          if (piece === 3) controller.abort(new Error('enough'));
          yield await Promise.resolve(bytes('more'));
        }
      }
      await assert.rejects(store.put(endless(), { signal: controller.signal }), /enough/);
    });

    it('gives a local, read-only file with the verified bytes', async () => {
      const ref = await store.put(bytes('a file'));
      const path = await store.materialise(ref);
      assert.equal(await readFile(path, 'utf8'), 'a file');
      assert.equal((await stat(path)).mode & 0o222, 0);
      assert.equal(await store.materialise(ref), path);
    });

    for (const how of ['flip a bit', 'truncate', 'append'] as const)
      it(`never gives bytes as good after somebody managed to ${how}, and says which digest and what to do`, async () => {
        const ref = await store.put(bytes('precious bytes'));
        await store.materialise(ref);
        await damage(ref.sha256, how);
        const expected = {
          code: 'TY1202',
          message: new RegExp(`${ref.sha256}.*damaged.*Run the stage that made it again`),
        };
        await assert.rejects(collect(store.get(ref)), expected);
        await assert.rejects(store.materialise(ref), expected);
      });

    it('says so when an artifact is missing', async () => {
      const ref = await store.put(bytes('gone soon'));
      await damage(ref.sha256, 'remove');
      const expected = { code: 'TY1201', message: new RegExp(`${ref.sha256} is not in the store`) };
      await assert.rejects(collect(store.get(ref)), expected);
      await assert.rejects(store.materialise(ref), expected);
    });

    it('repairs a damaged artifact when the same bytes are put again', async () => {
      const ref = await store.put(bytes('precious bytes'));
      await damage(ref.sha256, 'flip a bit');
      await store.put(bytes('precious bytes'));
      assert.equal(text(await collect(store.get(ref))), 'precious bytes');
    });
  });

  describe('records', () => {
    it('creates a key once and never changes it', async () => {
      assert.equal(await store.create('heads/models/a/000000000001.json', bytes('first')), true);
      assert.equal(await store.create('heads/models/a/000000000001.json', bytes('second')), false);
      assert.equal(text(await store.read('heads/models/a/000000000001.json')), 'first');
    });

    it('gives undefined for a key without a record', async () => {
      assert.equal(await store.read('heads/none'), undefined);
      await store.create('heads/a/b', bytes('x'));
      assert.equal(await store.read('heads/a'), undefined);
      assert.equal(await store.read('heads/a/b/c'), undefined);
    });

    it('lists what was created, at once, ascending by the whole key', async () => {
      const keys = ['r/b', 'r/a/z', 'r/a-1', 'r/a.1', 'r/a0', 'r/B', 'r/a/a/a', 'r/%2F', 'r/_'];
      for (const [index, key] of keys.entries()) {
        await store.create(key, bytes(String(index)));
        assert.deepEqual(await listed(store, 'r/'), keys.slice(0, index + 1).sort());
      }
      assert.deepEqual(await listed(store, 'r/a/'), ['r/a/a/a', 'r/a/z']);
      assert.deepEqual(await listed(store, 'nothing/here/'), []);
    });

    it('lets exactly one of many creators of a key win', async () => {
      const won = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create('race/key', bytes(String(i)))));
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(text(await store.read('race/key')), String(won.indexOf(true)));
    });

    it('refuses keys that escape, hide, reach into the content, or are folders of other keys', async () => {
      const wrong = [
        '../x',
        'a/../../x',
        '/etc/x',
        'a//b',
        'a/',
        '',
        '.hidden/x',
        'a/.x',
        'a\\b',
        'a\0b',
        'objects/sha256/ab',
      ];
      for (const key of [...wrong, 'x'.repeat(256), 'x/'.repeat(600) + 'x']) {
        await assert.rejects(store.create(key, bytes('x')), { code: 'TY1205' }, key);
        await assert.rejects(store.read(key), { code: 'TY1205' }, key);
      }
      for (const prefix of ['a', '', '/', '../', 'a/../', 'objects/'])
        await assert.rejects(listed(store, prefix), { code: 'TY1205' });
      await store.create('p/q/r', bytes('x'));
      await assert.rejects(store.create('p/q', bytes('x')), { code: 'TY1205' });
      await assert.rejects(store.create('p/q/r/s', bytes('x')), { code: 'TY1205' });
      assert.deepEqual(await listed(store, 'p/'), ['p/q/r']);
    });

    it('passes the test that a worker makes when it starts, any number of times', async () => {
      await assertConforms(store);
      await assertConforms(store);
    });
  });

  describe('housekeeping', () => {
    tidiesUp(() => ({ store, age }));
  });
}

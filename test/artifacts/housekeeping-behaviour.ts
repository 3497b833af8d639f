/** How every artifact store is kept tidy: part of the suite that runs against each of them. @module */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { StoredObject } from '../../src/artifacts/housekeeping.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { collect } from '../../src/artifacts/verified.js';
import { bytes, listed, text } from './support.js';

/** The tests of housekeeping, on the store that `current` gives: a fresh one for each. `age` makes an object look a day old. */
export function tidiesUp(
  current: () => { readonly store: ArtifactStore; readonly age: (sha256: string) => Promise<void> },
): void {
  let store: ArtifactStore;
  let age: (sha256: string) => Promise<void>;
  beforeEach(() => {
    ({ store, age } = current());
  });

  it('shows what it holds, with sizes and ages by its own clock', async () => {
    const refs = [await store.put(bytes('one')), await store.put(bytes('three'))];
    await age(refs[0]!.sha256);
    const { housekeeping } = store;
    const now = await housekeeping.now();
    const found = (await all(housekeeping.objects())).sort((a, b) => a.sizeBytes - b.sizeBytes);
    assert.deepEqual(
      found.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]),
      refs.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]),
    );
    const hours = found.map(({ writtenMs }) => Math.round((now - writtenMs) / 3_600_000));
    assert.deepEqual(hours, [24, 0]);
    assert.deepEqual(await all(housekeeping.condemned()), []);
  });

  it('lays a condemned object aside, and brings it back when it is read', async () => {
    for (const read of ['get', 'materialise'] as const) {
      const ref = await store.put(bytes(`wanted by ${read}`));
      await age(ref.sha256);
      assert.equal(await condemn(store, ref.sha256), true);
      assert.equal(await objectOf(store, ref.sha256), undefined);
      const [aside] = await all(store.housekeeping.condemned());
      assert.deepEqual([aside?.sha256, aside?.sizeBytes], [ref.sha256, ref.sizeBytes]);
      assert.ok((await store.housekeeping.now()) - aside!.writtenMs < 3_600_000, 'it was condemned just now');
      const given = read === 'get' ? await collect(store.get(ref)) : await readFile(await store.materialise(ref));
      assert.equal(text(given), `wanted by ${read}`);
      assert.deepEqual(await all(store.housekeeping.condemned()), []);
      assert.equal((await objectOf(store, ref.sha256))?.sizeBytes, ref.sizeBytes);
    }
  });

  it('brings it back for many readers at once', async () => {
    const ref = await store.put(bytes('wanted'));
    await condemn(store, ref.sha256);
    const read = await Promise.all(Array.from({ length: 20 }, () => collect(store.get(ref))));
    assert.deepEqual(new Set(read.map(text)), new Set(['wanted']));
  });

  it('keeps what is put again, whether it was condemned before or would be after', async () => {
    const ref = await store.put(bytes('again'));
    await condemn(store, ref.sha256);
    await store.put(bytes('again'));
    assert.ok(await objectOf(store, ref.sha256));
    await store.housekeeping.discard(ref.sha256);
    assert.equal(text(await collect(store.get(ref))), 'again');

    await age(ref.sha256);
    const listedBefore = await objectOf(store, ref.sha256);
    await store.put(bytes('again'));
    const listedAfter = await objectOf(store, ref.sha256);
    assert.ok(listedAfter!.writtenMs - listedBefore!.writtenMs > 23 * 3_600_000, 'it counts as new');
    assert.equal(await store.housekeeping.condemn(listedBefore!), false);
    assert.deepEqual(await all(store.housekeeping.condemned()), []);
  });

  it('restores and discards what is condemned, and takes a second try of each for what it is', async () => {
    const { housekeeping } = store;
    const ref = await store.put(bytes('back and forth'));
    const object = await objectOf(store, ref.sha256);
    assert.equal(await housekeeping.condemn(object!), true);
    assert.equal(await housekeeping.condemn(object!), false);
    assert.equal(await housekeeping.restore(ref.sha256), true);
    assert.equal(await housekeeping.restore(ref.sha256), false);
    await housekeeping.discard(ref.sha256);
    assert.equal(text(await collect(store.get(ref))), 'back and forth');
    await condemn(store, ref.sha256);
    await housekeeping.discard(ref.sha256);
    await housekeeping.discard(ref.sha256);
    await assert.rejects(collect(store.get(ref)), { code: 'TY1201' });
    assert.equal(await housekeeping.restore(ref.sha256), false);
  });

  it('shows records and removes them; their keys may be created again', async () => {
    const { housekeeping } = store;
    for (const key of ['r/b/1', 'r/a/2', 'r/a/1']) await store.create(key, bytes(key));
    const found = await all(housekeeping.records('r/'));
    assert.deepEqual(
      found.map(({ key, sizeBytes }) => [key, sizeBytes]),
      [
        ['r/a/1', 5],
        ['r/a/2', 5],
        ['r/b/1', 5],
      ],
    );
    const now = await housekeeping.now();
    assert.ok(found.every(({ writtenMs }) => Math.abs(now - writtenMs) < 60_000));
    for (const key of ['r/a/1', 'r/b/1', 'r/b/1', 'r/c/none']) await housekeeping.removeRecord(key);
    assert.deepEqual(await listed(store, 'r/'), ['r/a/2']);
    assert.equal(await store.read('r/b/1'), undefined);
    assert.equal(await store.create('r/b/1', bytes('new')), true);
    await assert.rejects(housekeeping.removeRecord('../x'), { code: 'TY1205' });
  });

  it('creates records while their neighbours are removed', async () => {
    for (let round = 0; round < 30; round++) {
      await store.create('race/wf/old', bytes('x'));
      const [created] = await Promise.all([
        store.create('race/wf/new/1', bytes('y')),
        store.housekeeping.removeRecord('race/wf/old'),
      ]);
      assert.equal(created, true);
      assert.deepEqual(await listed(store, 'race/'), ['race/wf/new/1']);
      await store.housekeeping.removeRecord('race/wf/new/1');
    }
  });
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function objectOf(store: ArtifactStore, sha256: string): Promise<StoredObject | undefined> {
  return (await all(store.housekeeping.objects())).find((object) => object.sha256 === sha256);
}

async function condemn(store: ArtifactStore, sha256: string): Promise<boolean> {
  const object = await objectOf(store, sha256);
  return object !== undefined && store.housekeeping.condemn(object);
}

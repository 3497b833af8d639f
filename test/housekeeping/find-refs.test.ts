import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { putJson } from '../../src/artifacts/json.js';
import { digestsIn, refsIn, refsOfObject } from '../../src/housekeeping/find-refs.js';
import { bytes } from '../artifacts/support.js';

const refOf = (digit: string, sizeBytes = 7) => {
  const sha256 = digit.repeat(64);
  return { uri: `artifact://sha256/${sha256}`, sha256, sizeBytes };
};

describe('refs', () => {
  it('are found anywhere in a value, with their kind and the property that holds them', () => {
    const value = {
      model: { ...refOf('a'), kind: 'model' },
      deep: [{ log: refOf('b') }, null, 'text', 4, [refOf('c')]],
    };
    assert.deepEqual(
      [...refsIn(value)].map(({ sha256, kind, name }) => [sha256[0], kind, name]),
      [
        ['a', 'model', 'model'],
        ['b', undefined, 'log'],
        ['c', undefined, '0'],
      ],
    );
  });

  it('are not what only looks like one: a source that was never stored, a pointer to a record, bytes', () => {
    const { sha256 } = refOf('a');
    const value = [
      { name: 'customers.csv', sha256, sizeBytes: 7 },
      { key: 'checkpoints/x', sha256 },
      { ...refOf('b'), sha256: 'short' },
      new Uint8Array(1_000_000),
    ];
    assert.deepEqual([...refsIn(value)], []);
  });

  it('are found in a stored document, small or too large to be parsed', async () => {
    const store = new MemoryStore();
    const inside = [refOf('a', 1), { ...refOf('b', 2), kind: 'dataset', splits: { train: 3 }, rows: 4 }, refOf('c', 3)];
    const filler = Array.from({ length: 40_000 }, (_, index) => ({ text: 'y'.repeat(250), index }));
    const sources = [{ name: 'x', sha256: 'd'.repeat(64), sizeBytes: 4 }];
    for (const document of [{ inside, sources }, { filler, inside, sources }, [...filler, ...inside, { sources }]]) {
      const found = await refsOfObject(store, await putJson(store, document));
      assert.deepEqual(
        found.map(({ sha256, sizeBytes }) => [sha256[0], sizeBytes]),
        [
          ['a', 1],
          ['b', 2],
          ['c', 3],
        ],
      );
    }
  });

  it('are not looked for in other files, which are read to their end only when they are verified', async () => {
    const store = new MemoryStore();
    for (const content of ['PAR1 and more', '{ not JSON', '', '"text"'])
      assert.deepEqual(await refsOfObject(store, await store.put(bytes(content)), { whole: true }), []);
    const large = await store.put(Buffer.alloc(1_000_000, 'x'));
    store.objects.get(large.sha256)![999_999]! ^= 1;
    await assert.rejects(refsOfObject(store, large, { whole: true }), { code: 'TY1202' });
  });

  it('leave their digests in what is left of a damaged record, however it is cut', async () => {
    const text = bytes(`{"files":{"w":{"sha256":"${'e'.repeat(64)}","siz`);
    for (const at of [0, 30, 60, text.length])
      assert.deepEqual(await digestsIn([text.slice(0, at), text.slice(at)]), [
        { sha256: 'e'.repeat(64), sizeBytes: undefined },
      ]);
  });
});

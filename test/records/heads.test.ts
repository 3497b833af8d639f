import assert from 'node:assert/strict';
import { z } from 'zod';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { headAt, latestHead, newestGeneration, publishHead } from '../../src/records/heads.js';
import { headKey } from '../../src/records/layout.js';
import { bytes } from '../artifacts/support.js';

const Body = z.object({ model: z.string() });

describe('heads', () => {
  it('give the newest state of a name, and keep every earlier one', async () => {
    const store = new MemoryStore();
    assert.equal(await latestHead(store, 'models', 'churn', Body), undefined);
    for (const model of ['a', 'b', 'c']) await publishHead(store, 'models', 'churn', { model });
    await publishHead(store, 'models', 'churn-2', { model: 'other' });
    assert.deepEqual(await latestHead(store, 'models', 'churn', Body), { generation: 3, body: { model: 'c' } });
    assert.deepEqual(await headAt(store, 'models', 'churn', 1, Body), { generation: 1, body: { model: 'a' } });
    assert.equal(await headAt(store, 'models', 'churn', 4, Body), undefined);
  });

  it('give each of many publishers a generation of its own, without gaps', async () => {
    const store = new MemoryStore();
    const generations = await Promise.all(
      Array.from({ length: 20 }, (_, i) => publishHead(store, 'models', 'churn', { model: String(i) })),
    );
    assert.deepEqual(
      generations.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it('are found in few reads, from any generation that was seen before', async () => {
    const store = new MemoryStore();
    for (let generation = 1; generation <= 300; generation++) {
      assert.equal(await publishHead(store, 'models', 'churn', { model: 'm' }), generation);
      assert.equal(await newestGeneration(store, 'models', 'churn', Math.floor(generation / 2)), generation);
    }
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (key) => {
      reads++;
      return read(key);
    };
    assert.equal(await newestGeneration(store, 'models', 'churn'), 300);
    assert.ok(reads <= 20, `${reads} reads`);
    reads = 0;
    assert.equal(await newestGeneration(store, 'models', 'churn', 300), 300);
    assert.equal(reads, 1);
  });

  it('are refused when they are damaged or of another shape, with the key', async () => {
    const store = new MemoryStore();
    await publishHead(store, 'models', 'churn', { version: 1 });
    const expected = { code: 'TY1301', message: /heads\/models\/churn\/000000000001\.json cannot be used/ };
    await assert.rejects(latestHead(store, 'models', 'churn', Body), expected);
    store.records.set(headKey('models', 'churn', 1), bytes('{"body":{"model":"a"},"sha256":"'));
    await assert.rejects(latestHead(store, 'models', 'churn', Body), expected);
  });
});

import assert from 'node:assert/strict';
import { z } from 'zod';
import { putJson, readJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { bytes } from './support.js';

const store = new MemoryStore();

describe('JSON documents', () => {
  it('have one digest for one value, and are parsed when they are read', async () => {
    const ref = await putJson(store, { b: [1, 'é'], a: null });
    assert.deepEqual(await putJson(store, { a: null, b: [1, 'é'] }), ref);
    const Document = z.object({ a: z.null(), b: z.tuple([z.number(), z.string()]) });
    assert.deepEqual(await readJson(store, ref, Document), { a: null, b: [1, 'é'] });
  });

  it('are refused with the digest when they are of another kind', async () => {
    const ref = await store.put(bytes('not JSON'));
    await assert.rejects(readJson(store, ref, z.json()), { code: 'TY1208', message: new RegExp(ref.sha256) });
    await assert.rejects(readJson(store, await putJson(store, 1), z.string()), { code: 'TY1208' });
  });
});

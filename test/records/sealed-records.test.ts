/** Records that carry their own digest. @module */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { createRecord, readRecord } from '../../src/records/sealed-records.js';

describe('a record', () => {
  it('is refused with any one bit flipped, the last digit of a number among them', async () => {
    const store = new MemoryStore();
    const key = 'records/sum.json';
    const body = { weights: [0.1 + 0.2, 1 / 3, 1e300], note: 'Zürich', empty: {} };
    await createRecord(store, key, body);
    assert.deepEqual((await readRecord(store, key, z.json()))?.body, body);
    const written = store.records.get(key) ?? new Uint8Array();
    for (let bit = 0; bit < written.length * 8; bit++) {
      const flipped = written.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      store.records.set(key, flipped);
      await assert.rejects(readRecord(store, key, z.json()), { code: 'TY1301' }, `bit ${bit}`);
    }
  });
});

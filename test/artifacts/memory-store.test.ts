import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { behavesAsAStore } from './store-behaviour.js';

describe('the memory store', () => {
  behavesAsAStore(() => {
    const store = new MemoryStore();
    return Promise.resolve({
      store,
      damage: (sha256, how) => {
        const good = store.objects.get(sha256)!;
        if (how === 'remove') store.objects.delete(sha256);
        if (how === 'flip a bit') good[0]! ^= 1;
        if (how === 'truncate') store.objects.set(sha256, good.slice(0, -1));
        if (how === 'append') store.objects.set(sha256, Uint8Array.of(...good, 0));
        return Promise.resolve();
      },
      age: (sha256) => {
        store.housekeeping.times.set(sha256, Date.now() - 24 * 3_600_000);
        return Promise.resolve();
      },
    });
  });
});

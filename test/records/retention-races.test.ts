import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { bytes } from '../artifacts/support.js';
import { Call } from './support.js';

/** mulberry32: the same moments for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A store whose calls take a random while, so that those of several attempts come in every order. */
class SlowStore extends MemoryStore {
  constructor(readonly random: () => number) {
    super();
    const remove = this.housekeeping.removeRecord.bind(this.housekeeping);
    this.housekeeping.removeRecord = async (key) => {
      await this.#while();
      await remove(key);
    };
  }

  override async create(key: string, value: Uint8Array): Promise<boolean> {
    await this.#while();
    return super.create(key, value);
  }

  override async read(key: string): Promise<Uint8Array | undefined> {
    await this.#while();
    return super.read(key);
  }

  override async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    await this.#while();
    yield* super.list(prefix);
  }

  async #while(): Promise<void> {
    for (let turns = Math.floor(this.random() * 6); turns > 0; turns--) await new Promise(setImmediate);
  }
}

describe('checkpoints that are removed while a successor chooses', () => {
  it('are never those that it, or who comes after it, needs: 60 orders of events', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed);
      const store = new SlowStore(random);
      const call = new Call(store);
      const keep = { last: 2 };
      const zombie = await (await call.start({ keep })).open();
      let durable = 0;
      const end = new AbortController();
      const saving = (async () => {
        for (let step = 1; !end.signal.aborted && step < 200; step++) {
          await zombie.save({ step }, { w: bytes(`${step}`) });
          durable = step;
        }
      })();
      while (durable < 3 + random() * 5) await new Promise(setImmediate);
      const second = await call.start({ keep });
      const atLeast = durable;
      const { base } = await second.open();
      assert.ok(base && base.state.step >= atLeast, `seed ${seed}: ${base?.state.step} chosen, ${atLeast} was durable`);
      const third = await (await call.start({ keep })).open();
      assert.equal(third.base?.state.step, base.state.step, `seed ${seed}: the recorded chain is followed`);
      end.abort();
      await saving;
      const fourth = await (await call.start({ keep })).open();
      assert.equal(fourth.base?.state.step, base.state.step, `seed ${seed}: whatever the zombie does`);
    }
  });
});

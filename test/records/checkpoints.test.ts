import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../src/artifacts/digest.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { readAttempt } from '../../src/records/attempt-log.js';
import { openCheckpoints } from '../../src/records/checkpoints.js';
import { bytes, listed, temporaryFolder, text } from '../artifacts/support.js';
import { type Attempt, Call, stageKey } from './support.js';

let store: MemoryStore;
let call: Call;

beforeEach(() => {
  store = new MemoryStore();
  call = new Call(store);
});

const events = async ({ token }: Attempt, kind: string) =>
  (await readAttempt(store, stageKey, token)).events.filter(({ event }) => event === kind);

function flip(records: Map<string, Uint8Array>, key: string): void {
  const record = text(records.get(key))!;
  records.set(key, bytes(record.replace('"step":', '"stop":')));
}

describe('checkpoints', () => {
  it('are not there for the first attempt, which records that before any work', async () => {
    const first = await call.start();
    const checkpoints = await first.open();
    assert.equal(await checkpoints.latest(), undefined);
    assert.deepEqual(await listed(store, 'checkpoints/'), [
      `checkpoints/churn%2Frun-1/train-11111111-2222-4333-8444-555555555555/${first.token}/base.json`,
    ]);
  });

  it('give the next attempt the newest state and its files, verified and local', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'weights'), 'weights at 2');
    const first = await (await call.start()).open();
    await first.save({ step: 1 }, { weights: bytes('weights at 1') });
    await first.save({ step: 2 }, { weights: { path: join(folder, 'weights') }, order: bytes('3 1 2') });
    const latest = await (await (await call.start()).open()).latest();
    assert.deepEqual([latest!.state, latest!.seq, latest!.attempt], [{ step: 2 }, 2, 1]);
    assert.equal(await readFile(await latest!.file('weights'), 'utf8'), 'weights at 2');
    assert.equal(await readFile(await latest!.file('order'), 'utf8'), '3 1 2');
    await assert.rejects(latest!.file('other'), { code: 'TY1305', message: /it has: order, weights/ });
  });

  it('stay the same for an attempt while it saves', async () => {
    await (await (await call.start()).open()).save({ step: 1 });
    const second = await (await call.start()).open();
    await second.save({ step: 2 });
    assert.deepEqual((await second.latest())!.state, { step: 1 });
  });

  it('are kept in the order of the calls, with the state of that moment, when nobody waits', async () => {
    const first = await (await call.start()).open();
    const state = { step: 0 };
    const saves = [1, 2, 3].map((step) => {
      state.step = step;
      return first.save(state, { step: bytes(String(step)) });
    });
    state.step = 99;
    await Promise.all(saves);
    const { base } = await (await call.start()).open();
    assert.deepEqual([base!.state, base!.seq], [{ step: 3 }, 3]);
    assert.equal(await readFile(await base!.file('step'), 'utf8'), '3');
  });

  it('lead over several attempts, with and without checkpoints of their own', async () => {
    await (await (await call.start()).open()).save({ step: 10 });
    await (await call.start()).open();
    await call.start();
    const fourth = await (await call.start()).open();
    assert.deepEqual([fourth.base!.state, fourth.base!.attempt], [{ step: 10 }, 1]);
    await fourth.save({ step: 20 });
    const fifth = await (await call.start()).open();
    assert.deepEqual([fifth.base!.state, fifth.base!.attempt], [{ step: 20 }, 4]);
  });

  it('go on over a re-scheduling: a new generation follows the old one', async () => {
    await (await (await call.start()).open()).save({ step: 1 });
    assert.deepEqual((await (await call.start({ generation: 1 })).open()).base!.state, { step: 1 });
  });

  it('refuse a state that the contract does not describe, and one that JSON cannot carry', async () => {
    const first = await call.start();
    const checkpoints = await first.open();
    await assert.rejects(() => checkpoints.save({ step: 0.5 }), { code: 'TY1304' });
    const loose = { store, stageKey, attempt: 1, log: first.log, state: z.object({ f: z.unknown() }) };
    const other = await openCheckpoints({ ...loose, token: (await call.start()).token });
    await assert.rejects(() => other.save({ f: NaN }), { code: 'TY1304' });
  });
});

describe('a zombie', () => {
  it('publishes after its successor chose, and is never read by a third attempt', async () => {
    const zombie = await (await call.start()).open();
    await zombie.save({ step: 100 });
    const successor = await (await call.start()).open();
    await zombie.save({ step: 200 });
    assert.deepEqual(successor.base!.state, { step: 100 });
    const third = await (await call.start()).open();
    assert.deepEqual(third.base!.state, { step: 100 });
    await third.save({ step: 150 });
    await zombie.save({ step: 300 });
    assert.deepEqual((await (await call.start()).open()).base!.state, { step: 150 });
  });

  it('that published nothing before its successor chose leaves the third attempt at the beginning', async () => {
    const zombie = await (await call.start()).open();
    await (await call.start()).open();
    await zombie.save({ step: 100 });
    assert.equal((await (await call.start()).open()).base, undefined);
  });

  it('learns that it is one when it opens its checkpoints', async () => {
    const late = await call.start();
    const successor = await call.start();
    await successor.open();
    await assert.rejects(late.open(), { code: 'TY1302', message: /not the newest one/ });
    assert.equal((await (await call.start()).open()).base, undefined);
  });

  it('cannot use the token of another process', async () => {
    const first = await call.start();
    await first.open();
    await assert.rejects(first.open(), { code: 'TY1302' });
  });
});

describe('a damaged checkpoint', () => {
  const damages: Record<string, (key: string) => void> = {
    'manifest that is torn': (key) => store.records.set(key, store.records.get(key)!.slice(0, 100)),
    'manifest that is empty': (key) => store.records.set(key, new Uint8Array()),
    'manifest with a flipped bit': (key) => {
      flip(store.records, key);
    },
    'file with a flipped bit': () => (store.objects.get(sha256('weights at 2'))![0]! ^= 1),
    'file that is torn': () => store.objects.set(sha256('weights at 2'), bytes('weights')),
    'file that is missing': () => store.objects.delete(sha256('weights at 2')),
  };

  for (const [what, damage] of Object.entries(damages))
    it(`(a ${what}) is reported, skipped and left where it is`, async () => {
      const first = await (await call.start()).open();
      await first.save({ step: 1 }, { weights: bytes('weights at 1') });
      const key = await first.save({ step: 2 }, { weights: bytes('weights at 2') });
      damage(key);
      const second = await call.start();
      assert.deepEqual((await second.open()).base!.state, { step: 1 });
      const [reported] = await events(second, 'damaged');
      assert.ok(reported?.event === 'damaged' && reported.key === key && reported.reason.length > 0);
      assert.ok(store.records.has(key));
    });

  it('that an earlier attempt chose is passed over for the one before it', async () => {
    const first = await (await call.start()).open();
    await first.save({ step: 1 });
    const chosen = await first.save({ step: 2 });
    await (await call.start()).open();
    flip(store.records, chosen);
    assert.deepEqual((await (await call.start()).open()).base!.state, { step: 1 });
  });

  it('is not taken for another one that is good but not the one that was chosen', async () => {
    const first = await (await call.start()).open();
    await first.save({ step: 1 });
    const chosen = await first.save({ step: 2 });
    await (await call.start()).open();
    store.records.set(chosen, store.records.get(chosen.replace('000000002', '000000001'))!);
    const third = await call.start();
    assert.deepEqual((await third.open()).base!.state, { step: 1 });
    assert.equal((await events(third, 'damaged')).length, 1);
  });

  it('does not end the chain when it is a base: the attempt before goes on', async () => {
    await (await (await call.start()).open()).save({ step: 1 });
    const second = await call.start();
    await second.open();
    for (const key of await listed(store, 'checkpoints/'))
      if (key.endsWith(`${second.token}/base.json`)) store.records.set(key, bytes('{'));
    const third = await call.start();
    assert.deepEqual((await third.open()).base!.state, { step: 1 });
    assert.equal((await events(third, 'damaged')).length, 1);
  });

  it('is told from a store that cannot be read, which fails the attempt', async () => {
    await (await (await call.start()).open()).save({ step: 1 }, { weights: bytes('w') });
    store.materialise = () => Promise.reject(new Error('connection reset'));
    const second = await call.start();
    await assert.rejects(second.open(), /connection reset/);
    assert.ok(!(await listed(store, 'checkpoints/')).some((key) => key.includes(second.token)));
  });
});

describe('inherited checkpoints', () => {
  const fork = 'churn/run-2/train-99999999-2222-4333-8444-555555555555';

  it('are taken from another call only when told, and only while the call has none of its own', async () => {
    await (await (await call.start()).open()).save({ step: 5 });
    assert.equal((await (await call.start({ stageKey: `${fork}0` })).open()).base, undefined);
    const forked = await (await call.start({ stageKey: fork, resumeFrom: stageKey })).open();
    assert.deepEqual(forked.base!.state, { step: 5 });
    assert.deepEqual((await (await call.start({ stageKey: fork, resumeFrom: stageKey })).open()).base!.state, {
      step: 5,
    });
    await (await (await call.start({ stageKey: fork, resumeFrom: stageKey })).open()).save({ step: 6 });
    await (await (await call.start()).open()).save({ step: 50 });
    assert.deepEqual((await (await call.start({ stageKey: fork, resumeFrom: stageKey })).open()).base!.state, {
      step: 6,
    });
  });
});

describe('a resume on different numerics', () => {
  it('goes on; what differs is logged once', async () => {
    const numerics = { threads: 2, runtime: '1.30' };
    await (await (await call.start()).open()).save({ step: 1 }, {}, numerics);
    const second = await call.start();
    const checkpoints = await second.open();
    assert.deepEqual(checkpoints.base!.numerics, numerics);
    await checkpoints.save({ step: 2 }, {}, { threads: 4, runtime: '1.30', simd: 'avx2' });
    await checkpoints.save({ step: 3 }, {}, { threads: 4, runtime: '1.30', simd: 'avx2' });
    const logged = await events(second, 'numerics');
    assert.deepEqual(
      logged.map((event) => event.event === 'numerics' && event.changed),
      [['simd', 'threads']],
    );
  });

  it('is not reported when they are the same', async () => {
    await (await (await call.start()).open()).save({ step: 1 }, {}, { threads: 2 });
    const second = await call.start();
    await (await second.open()).save({ step: 2 }, {}, { threads: 2 });
    assert.deepEqual(await events(second, 'numerics'), []);
  });
});

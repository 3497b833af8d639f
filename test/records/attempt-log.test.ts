import assert from 'node:assert/strict';
import { readJson } from '../../src/artifacts/json.js';
import { Ref } from '../../src/contracts/refs.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { AttemptLog, readAttemptLog, SealedAttemptLog } from '../../src/records/attempt-log.js';
import { attemptsSinceProgress, whyNoProgress } from '../../src/records/progress-budget.js';
import { until } from '../support/until.js';
import { bytes, listed } from '../artifacts/support.js';
import { type Attempt, Call, stageKey } from './support.js';

let call: Call;
beforeEach(() => {
  call = new Call();
});

const fail = (
  { log }: Attempt,
  failure: 'Failed' | 'Preempted' | 'Stalled' | 'DataUnavailable' = 'Failed',
  message = 'it broke',
) => log.append({ event: 'end', outcome: 'failed', class: failure, message, evidence: { exitCode: 1 } });

const count = async () => {
  const now = await call.start();
  return attemptsSinceProgress(call.store, stageKey, now.token);
};

describe('the attempt log', () => {
  it('tells what happened to each attempt, in order, numbered over all generations', async () => {
    const first = await call.start();
    await (await first.open()).save({ step: 1 });
    await fail(first);
    const second = await call.start({ generation: 1 });
    await second.open();
    await second.log.append({ event: 'end', outcome: 'completed' });
    const log = await readAttemptLog(call.store, stageKey);
    assert.deepEqual(
      log.map(({ events }) => events.map(({ event }) => event)),
      [
        ['start', 'base', 'end'],
        ['start', 'base', 'end'],
      ],
    );
    assert.deepEqual([first.attempt, second.attempt], [1, 2]);
  });

  it('takes events of the pool and of its child at once, and loses none', async () => {
    const { token, log } = await call.start();
    const child = new AttemptLog({ store: call.store, stageKey, token });
    const notes = Array.from({ length: 10 }, (_, i) => String(i));
    await Promise.all(notes.map((text, i) => (i % 2 ? log : child).append({ event: 'note', text })));
    const [record] = await readAttemptLog(call.store, stageKey);
    const found = record!.events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
    assert.deepEqual(found.sort(), notes);
  });

  it('is sealed as one artifact', async () => {
    const first = await call.start();
    await fail(first, 'Stalled', 'no progress for 10 minutes');
    const second = await call.start();
    const ref = Ref.parse(await second.log.end({ event: 'end', outcome: 'completed' }));
    const sealed = await readJson(call.store, ref, SealedAttemptLog);
    assert.equal(sealed.attempts.length, 2);
    assert.deepEqual(sealed.attempts, await readAttemptLog(call.store, stageKey));
  });

  it('of a short attempt that completed goes into history, and the store keeps nothing of it', async () => {
    const short = await call.start({ mayBeShort: true });
    const log = await short.log.end({ event: 'end', outcome: 'completed' });
    assert.deepEqual(await listed(call.store, 'attempts/'), []);
    const [sealed] = await readAttemptLog(call.store, stageKey, log);
    assert.deepEqual(
      sealed?.events.map(({ event }) => event),
      ['start', 'end'],
    );
  });

  it('of an attempt that may be short has one record when it fails at once, and one for the start when it runs on', async () => {
    const short = await call.start({ mayBeShort: true });
    await short.log.end({ event: 'end', outcome: 'failed', class: 'Failed', message: 'no', evidence: {} });
    assert.equal((await listed(call.store, 'attempts/')).length, 1);
    assert.deepEqual(
      (await readAttemptLog(call.store, stageKey))[0]?.events.map(({ event }) => event),
      ['start', 'end'],
    );
    await call.start({ mayBeShort: true });
    await until(async () => (await listed(call.store, 'attempts/')).length === 2);
    assert.deepEqual(await count(), {
      drained: 0,
      unavailable: 0,
      failed: 1,
      vanished: 1,
      lastFailure: { class: 'Failed', message: 'no' },
    });
  });

  it('takes the number of Temporal where that is greater: attempts in between left no record', async () => {
    const numbers: number[] = [];
    for (const temporal of [2, 3, 1, 2]) numbers.push((await call.start({ temporal })).attempt);
    assert.deepEqual(numbers, [2, 3, 4, 5]);
  });
});

describe('a damaged event of the log', () => {
  it('is told of, and stops nobody', async () => {
    const store = new MemoryStore();
    call = new Call(store);
    const first = await call.start();
    await fail(first);
    const [, end] = await listed(store, 'attempts/');
    store.records.set(end!, bytes('torn'));
    const [record] = await readAttemptLog(store, stageKey);
    assert.deepEqual(
      record!.events.map(({ event }) => event),
      ['start', 'damaged'],
    );
    assert.equal((await count()).vanished, 1);
  });
});

describe('the budget of attempts without progress', () => {
  it('is untouched before the first attempt', async () => {
    assert.deepEqual(await count(), { drained: 0, unavailable: 0, failed: 0, vanished: 0 });
  });

  it('ends the stage after three failed attempts, and names the last failure', async () => {
    for (const message of ['one', 'two']) await fail(await call.start(), 'Failed', message);
    assert.equal(
      whyNoProgress(await attemptsSinceProgress(call.store, stageKey, (await call.start()).token)),
      undefined,
    );
    call = new Call();
    for (const message of ['one', 'two', 'three']) await fail(await call.start(), 'Failed', message);
    assert.match(whyNoProgress(await count())!, /3 attempts failed without a newer checkpoint.*Failed: three/);
  });

  it('ends it after ten that vanished, whether or not they got as far as to choose a base', async () => {
    for (let i = 0; i < 9; i++) await (i % 2 ? (await call.start()).open() : call.start());
    assert.equal(whyNoProgress({ drained: 0, unavailable: 0, failed: 0, vanished: 9 }), undefined);
    const tenth = await count();
    assert.deepEqual(tenth, { drained: 0, unavailable: 0, failed: 0, vanished: 9 });
    assert.match(whyNoProgress(await count())!, /10 attempts lost their worker/);
  });

  it('lets attempts that find no data go on for an hour of them', async () => {
    for (let i = 0; i < 119; i++) await fail(await call.start(), 'DataUnavailable', 'the warehouse sleeps');
    assert.equal(whyNoProgress(await count()), undefined);
    await fail(await call.start(), 'DataUnavailable', 'the warehouse sleeps');
    assert.match(whyNoProgress(await count())!, /120 attempts found no data; .*the warehouse sleeps/);
  });

  it('is not charged for drained and stopped attempts', async () => {
    for (let i = 0; i < 5; i++) await fail(await call.start(), 'Preempted');
    await (await call.start()).log.append({ event: 'end', outcome: 'reset' });
    const since = await count();
    assert.deepEqual(since, { drained: 6, unavailable: 0, failed: 0, vanished: 0 });
    assert.equal(whyNoProgress(since), undefined);
  });

  it('starts anew with each checkpoint that becomes a base', async () => {
    for (let round = 0; round < 6; round++) {
      const attempt = await call.start();
      const since = await attemptsSinceProgress(call.store, stageKey, attempt.token);
      assert.deepEqual(since, { drained: 0, unavailable: 0, failed: 0, vanished: 0 });
      await (await attempt.open()).save({ step: round });
      await fail(attempt);
    }
    const last = await call.start();
    await last.open();
    await fail(last);
    assert.deepEqual((await count()).failed, 1);
  });

  it('is charged for attempts whose checkpoints nobody could use', async () => {
    for (let round = 0; round < 4; round++) {
      const attempt = await call.start();
      const key = await (await attempt.open()).save({ step: round });
      await fail(attempt);
      const { store } = call;
      const read = store.read.bind(store);
      store.read = async (other) => (other === key ? new Uint8Array() : read(other));
    }
    assert.match(whyNoProgress(await count())!, /3 attempts failed/);
  });

  it('starts anew with a generation, whose input was adapted', async () => {
    for (let i = 0; i < 3; i++) await fail(await call.start());
    const adapted = await call.start({ generation: 1 });
    assert.equal(whyNoProgress(await attemptsSinceProgress(call.store, stageKey, adapted.token)), undefined);
  });

  it('counts a completed attempt that had to be repeated as vanished', async () => {
    await (await call.start()).log.append({ event: 'end', outcome: 'completed' });
    assert.equal((await count()).vanished, 1);
  });
});

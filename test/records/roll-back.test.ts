import assert from 'node:assert/strict';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { readAttempt } from '../../src/records/attempt-log.js';
import { bytes, listed, temporaryFolder } from '../artifacts/support.js';
import { type Attempt, Call, stageKey } from './support.js';

describe('rolling back', () => {
  let call: Call;
  beforeEach(async () => {
    call = new Call(await openFileStore(await temporaryFolder()));
  });

  const saved = async (from: number, to: number, options: Parameters<Call['start']>[0] = {}) => {
    const checkpoints = await (await call.start(options)).open();
    for (let step = from; step <= to; step++) await checkpoints.save({ step }, { w: bytes(`${step}`) });
    return checkpoints;
  };
  const stepOf = async (attempt: Promise<Attempt>) => (await (await attempt).open()).base?.state.step;
  const baseEvent = async ({ token }: Attempt) =>
    (await readAttempt(call.store, stageKey, token)).events.find(({ event }) => event === 'base');

  it('passes over the newest good checkpoints, once in a generation; then the recorded chain goes on', async () => {
    await saved(1, 5);
    const first = await call.start({ generation: 1, rollBack: 2 });
    assert.deepEqual((await first.open()).base?.state, { step: 3 });
    const event = await baseEvent(first);
    assert.ok(event?.event === 'base' && event.passedOver === 2);
    assert.equal(await stepOf(call.start({ generation: 1, rollBack: 2 })), 3, 'the first one saved nothing');
    const third = await saved(40, 41, { generation: 1, rollBack: 2 });
    assert.equal(third.base?.state.step, 3);
    assert.equal(await stepOf(call.start({ generation: 1, rollBack: 2 })), 41);
    assert.equal(await stepOf(call.start({ generation: 2, rollBack: 3 })), 2, '41, 40 and 3 are passed over');
  });

  it('happens again when the first attempt was lost before it recorded a base', async () => {
    await saved(1, 3);
    await call.start({ generation: 1, rollBack: 1 });
    assert.equal(await stepOf(call.start({ generation: 1, rollBack: 1 })), 2);
  });

  it('counts good checkpoints only', async () => {
    await saved(1, 4);
    const newest = (await listed(call.store, 'checkpoints/')).at(-2)!;
    assert.match(newest, /000000004\.json$/);
    await call.store.housekeeping.removeRecord(newest);
    await call.store.create(newest, bytes('{'));
    assert.equal(await stepOf(call.start({ generation: 1, rollBack: 1 })), 2);
  });

  it('begins afresh when there are no more, with what was inherited passed over too, and says so', async () => {
    const fork = 'churn/run-2/train-99999999-2222-4333-8444-555555555555';
    await saved(1, 2);
    await saved(3, 3, { stageKey: fork, resumeFrom: stageKey });
    const options = { stageKey: fork, resumeFrom: stageKey, generation: 1, rollBack: 3 };
    const attempt = await call.start(options);
    assert.equal((await attempt.open()).base, undefined);
    const event = (await readAttempt(call.store, fork, attempt.token)).events.find((one) => one.event === 'base');
    assert.ok(event?.event === 'base' && event.checkpoint === null && event.passedOver === 3);
    assert.equal(await stepOf(call.start(options)), undefined, 'nothing is inherited again');
  });
});

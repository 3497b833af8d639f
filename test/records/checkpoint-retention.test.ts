import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { checkpointsKept } from '../../src/records/checkpoint-retention.js';
import type { Checkpoints } from '../../src/records/checkpoints.js';
import { bytes, listed, temporaryFolder, text } from '../artifacts/support.js';
import { until } from '../support/until.js';
import { type Attempt, type AttemptOptions, Call, stageKey } from './support.js';

describe('of the checkpoints of a call', () => {
  let store: ArtifactStore;
  let call: Call;
  beforeEach(async () => {
    store = await openFileStore(await temporaryFolder());
    call = new Call(store);
  });

  const open = async (options: AttemptOptions): Promise<Attempt & { checkpoints: Checkpoints<{ step: number }> }> => {
    const attempt = await call.start(options);
    return { ...attempt, checkpoints: await attempt.open() };
  };
  const save = async (checkpoints: Checkpoints<{ step: number }>, from: number, to: number) => {
    for (let step = from; step <= to; step++)
      await checkpoints.save({ step }, { weights: bytes(`weights at ${step}`) });
  };
  /** Steps of the manifests that lie there. */
  const steps = async (of = stageKey) => {
    const found: number[] = [];
    for (const key of await listed(store, 'checkpoints/')) {
      const { body } = JSON.parse(text(await store.read(key)) ?? '{"body":{}}') as {
        body: { stageKey?: string; state?: { step: number } };
      };
      if (body.state && body.stageKey === of) found.push(body.state.step);
    }
    return found;
  };
  const become = (expected: number[]) => until(async () => (await steps()).join() === expected.join());

  it('the newest stay, and the earlier ones go after newer ones are there', async () => {
    const { checkpoints } = await open({ keep: { last: 3 } });
    await save(checkpoints, 1, 3);
    assert.deepEqual(await steps(), [1, 2, 3]);
    await save(checkpoints, 4, 10);
    await become([8, 9, 10]);
    const next = await open({});
    assert.deepEqual(next.checkpoints.base?.state, { step: 10 });
    assert.equal(await readFile(await next.checkpoints.base.file('weights'), 'utf8'), 'weights at 10');
  });

  it('every so many-th one stays as well, counted over all attempts', async () => {
    const keep = { last: 2, every: 4 };
    await save((await open({ keep })).checkpoints, 1, 5);
    await become([4, 5]);
    await save((await open({ keep })).checkpoints, 6, 13);
    await become([4, 5, 8, 12, 13]); // 5 is what the attempt resumed from
    await save((await open({ keep })).checkpoints, 14, 15);
    await become([4, 8, 12, 13, 14, 15]);
  });

  it('the one that the living attempt resumed from stays, however many come after it', async () => {
    const keep = { last: 2 };
    await save((await open({ keep })).checkpoints, 1, 2);
    const second = await open({ keep });
    await save(second.checkpoints, 3, 9);
    await become([2, 8, 9]);
    const third = await call.start({ keep });
    const lost = (await listed(store, `checkpoints/`)).filter((key) => /00000000[67]\.json$/.test(key));
    for (const key of lost) await store.housekeeping.removeRecord(key);
    assert.deepEqual(
      (await third.open()).base?.state,
      { step: 2 },
      'what a second attempt chose is found behind its own',
    );
  });

  it('one that went is not reported as damaged when the chain passes it', async () => {
    const keep = { last: 2 };
    for (const from of [1, 4, 7]) await save((await open({ keep })).checkpoints, from, from + 2);
    await become([6, 8, 9]);
    const next = await call.start({ rollBack: 9, generation: 1 });
    assert.equal((await next.open()).base, undefined);
    const log = await listed(store, 'attempts/');
    for (const key of log) assert.doesNotMatch(text(await store.read(key))!, /damaged/);
  });

  it('a zombie removes none, from the moment at which its successor begins', async () => {
    const keep = { last: 2 };
    const zombie = await open({ keep });
    await save(zombie.checkpoints, 1, 2);
    const successor = await call.start({ keep });
    await save(zombie.checkpoints, 3, 9);
    await zombie.checkpoints.save({ step: 10 });
    const { base } = await successor.open();
    assert.deepEqual(base?.state, { step: 10 });
    await zombie.checkpoints.save({ step: 11 });
    assert.deepEqual(await steps(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.deepEqual((await open({ keep })).checkpoints.base?.state, { step: 10 });
  });

  it('those of a call that this one inherits from stay', async () => {
    const keep = { last: 2 };
    await save((await open({})).checkpoints, 1, 5);
    const fork = 'churn/run-2/train-99999999-2222-4333-8444-555555555555';
    const { checkpoints } = await open({ keep, stageKey: fork, resumeFrom: stageKey });
    assert.deepEqual(checkpoints.base?.state, { step: 5 });
    await save(checkpoints, 6, 9);
    await until(async () => (await steps(fork)).join() === '8,9');
    assert.deepEqual(await steps(), [1, 2, 3, 4, 5]);
  });

  it('a store that cannot remove does not fail the training', async () => {
    const { checkpoints } = await open({ keep: { last: 2 } });
    store.housekeeping.removeRecord = () => Promise.reject(new Error('read-only'));
    await save(checkpoints, 1, 5);
    assert.deepEqual(await steps(), [1, 2, 3, 4, 5]);
  });
});

describe('a contract keeps', () => {
  it('two checkpoints at least, and enough to roll back as often as a failure may be answered', () => {
    const adaptation = (atMost: number) => ({ atMost, adapt: () => ({}) });
    assert.deepEqual(checkpointsKept({ keep: { last: 1, every: 5 }, adaptations: {} }), { last: 2, every: 5 });
    assert.deepEqual(checkpointsKept({ keep: { last: 3 }, adaptations: { Diverged: adaptation(3) } }), { last: 5 });
    assert.deepEqual(checkpointsKept({ keep: { last: 9 }, adaptations: { Diverged: adaptation(3) } }), { last: 9 });
  });
});

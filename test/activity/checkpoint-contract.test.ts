import assert from 'node:assert/strict';
import { z } from 'zod';
import { AttemptFailure } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { failureClasses } from '../../src/contracts/failure-classes.js';
import { defineStage } from '../../src/contracts/define-stage.js';
import { listed } from '../artifacts/support.js';
import { until } from '../support/until.js';
import { callerOf } from './support.js';

const options = {
  pool: 'cpu',
  input: z.object({ upTo: z.int() }),
  output: z.object({ from: z.int() }),
} as const;
const older = defineStage('climb', { ...options, checkpoint: z.object({ height: z.int() }), keep: { last: 2 } });
const newer = defineStage('climb', {
  ...options,
  checkpoint: z.object({ metres: z.int() }),
  checkpointVersion: 2,
  migrations: { 1: (state) => ({ metres: (state as { height: number }).height }) },
});
const forgetful = defineStage('climb', { ...options, checkpoint: z.object({ metres: z.int() }), checkpointVersion: 2 });

const climbing = implementStage(older).with(async ({ input, checkpoints }) => {
  const from = (await checkpoints.latest())?.state.height ?? 0;
  for (let height = from + 1; height <= input.upTo; height++) await checkpoints.save({ height });
  return { from };
});
const inMetres = (contract: typeof newer) =>
  implementStage(contract).with(async ({ input, checkpoints }) => {
    const from = (await checkpoints.latest())?.state.metres ?? 0;
    await checkpoints.save({ metres: input.upTo });
    return { from };
  });

describe('what a contract says about checkpoints', () => {
  it('holds for its attempts: so many stay, a new version takes over, an old worker waits for a newer one', async () => {
    const caller = await callerOf(climbing);
    const manifests = async () =>
      (await listed(caller.store, 'checkpoints/')).filter((key) => !key.endsWith('base.json')).length;
    await caller.attempt({ upTo: 6 }).envelope;
    await until(async () => (await manifests()) === 2);

    const deployed = await callerOf(inMetres(newer), caller);
    assert.deepEqual((await deployed.attempt({ upTo: 9 }).envelope).output, { from: 6 });
    await assert.rejects(caller.attempt({ upTo: 10 }).envelope, (error) => {
      assert.ok(error instanceof AttemptFailure);
      assert.equal(error.failureClass, 'WorkerTooOld');
      assert.match(error.message, /has version 2, this worker's contract knows it up to version 1.*TY1306/);
      return true;
    });
    const { loop, budget } = failureClasses.WorkerTooOld;
    assert.deepEqual([loop, budget], ['inner', 'free']);
    assert.deepEqual((await deployed.attempt({ upTo: 12 }).envelope).output, { from: 9 });
  });

  it('ends the stage, with the checkpoints where they are, when a migration was forgotten', async () => {
    const caller = await callerOf(climbing);
    await caller.attempt({ upTo: 2 }).envelope;
    const deployed = await callerOf(inMetres(forgetful), caller);
    await assert.rejects(deployed.attempt({ upTo: 3 }).envelope, (error) => {
      assert.ok(error instanceof AttemptFailure);
      assert.equal(error.failureClass, 'ContractViolation');
      assert.match(error.message, /has version 1, the contract 2 and no migration from 1.*Add `migrations`.*TY1307/);
      return true;
    });
    assert.deepEqual((await caller.attempt({ upTo: 3 }).envelope).output, { from: 2 });
  });

  it('is followed by the first attempt of a generation that rolls back', async () => {
    const caller = await callerOf(climbing);
    await caller.attempt({ upTo: 3 }).envelope;
    const rolledBack = caller.attempt({ upTo: 3 }, { generation: 1, rollBack: 1 });
    assert.deepEqual((await rolledBack.envelope).output, { from: 2 });
  });
});

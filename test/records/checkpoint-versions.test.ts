import assert from 'node:assert/strict';
import { z } from 'zod';
import type { CheckpointMigrations } from '../../src/contracts/define-stage.js';
import { openCheckpoints } from '../../src/records/checkpoints.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { listed, temporaryFolder } from '../artifacts/support.js';
import { Call, stageKey } from './support.js';

const first = z.object({ epoch: z.int() });
const third = z.object({ epoch: z.int(), rate: z.number(), note: z.string() });
const migrations: CheckpointMigrations = {
  1: (state) => ({ ...first.parse(state), rate: 0.1 }),
  2: (state) => ({ ...(state as object), note: 'migrated' }),
};

describe('the version of a checkpoint', () => {
  let call: Call;
  beforeEach(async () => {
    call = new Call(await openFileStore(await temporaryFolder()));
  });

  /** The next attempt, by a worker that knows the state as `state`. */
  async function open<State>(
    state: z.ZodType<State>,
    contract: { checkpointVersion?: number; migrations?: CheckpointMigrations } = {},
  ) {
    const { token, attempt, log } = await call.start();
    return openCheckpoints({ store: call.store, stageKey, token, attempt, log, state, ...contract });
  }

  it('is brought up step by step, from a checkpoint without one too, and is that of what is saved then', async () => {
    await (await open(first)).save({ epoch: 7 });
    const newer = await open(third, { checkpointVersion: 3, migrations });
    assert.deepEqual(newer.base?.state, { epoch: 7, rate: 0.1, note: 'migrated' });
    await newer.save({ epoch: 8, rate: 0.2, note: 'own' });
    const again = await open(third, { checkpointVersion: 3 });
    assert.deepEqual(again.base?.state, { epoch: 8, rate: 0.2, note: 'own' });
  });

  const refusals: [string, Parameters<typeof open>[1], string, RegExp][] = [
    [
      'that is newer than the worker',
      { checkpointVersion: 1 },
      'TY1306',
      /has version 2, this worker's contract knows it up to version 1\. Deploy the newer worker/,
    ],
    [
      'without a migration',
      { checkpointVersion: 4, migrations: { 3: (state) => state } },
      'TY1307',
      /no migration from 2/,
    ],
    [
      'whose migration fails',
      {
        checkpointVersion: 3,
        migrations: {
          2: () => {
            throw new Error('no rate');
          },
        },
      },
      'TY1307',
      /the migration from 2 failed: no rate/,
    ],
    [
      'whose migration gives something else',
      { checkpointVersion: 3, migrations: { 2: () => ({}) } },
      'TY1307',
      /migrated to 3 it is not what the contract describes/,
    ],
    [
      'that the contract describes differently',
      { checkpointVersion: 2 },
      'TY1307',
      /has version 2, and is not what the contract describes: .*raise its `checkpointVersion`/s,
    ],
  ];
  for (const [what, contract, code, message] of refusals)
    it(`${what} is refused, nothing begins anew: ${code}`, async () => {
      await (await open(first, { checkpointVersion: 2 })).save({ epoch: 7 });
      const before = await listed(call.store, 'checkpoints/');
      await assert.rejects(open(code === 'TY1306' ? first : third, contract), { code, message });
      assert.deepEqual(await listed(call.store, 'checkpoints/'), before);
      assert.deepEqual((await open(first, { checkpointVersion: 2 })).base?.state, { epoch: 7 });
    });
});

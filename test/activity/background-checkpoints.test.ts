import assert from 'node:assert/strict';
import { AttemptFailure } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import { python } from '../../src/trainer/python.js';
import { count } from './stages.js';
import { callerOf, temporaryFolder } from './support.js';

// The compiler copies no Python: the script lies beside the sources of this test.
const script = new URL('../../../test/activity/count.py', import.meta.url);
const trainers = {
  'a Node module': implementStage(count).inChild(new URL('./count-trainer.js', import.meta.url)),
  'a Python script': implementStage(count).inChild(python({ script })),
};

/** A store whose every `put` passes by `before` first. */
async function storeWith(before: () => Promise<void>): Promise<ArtifactStore> {
  const store = await openFileStore(temporaryFolder());
  return new Proxy(store, {
    get(target, name) {
      // Methods of a class with private fields need their own `this`.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...all: unknown[]) => unknown;
      return name === 'put' ? async (...all: unknown[]) => before().then(() => method(...all)) : method;
    },
  });
}

for (const [kind, counting] of Object.entries(trainers))
  describe(`checkpoints behind the training of ${kind}`, () => {
    it('go on while it trains; a drained attempt ends when the last of them is durable', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      const caller = await callerOf(counting, { store: await storeWith(() => held) });
      const attempt = caller.attempt({ steps: 1_000, stepMs: 20 });
      // The first checkpoint is held, the second waits for it, and the step after the first was made meanwhile.
      await attempt.until(({ done }) => done >= 1);
      attempt.stop('drained');
      let ended = false;
      const envelope = attempt.envelope.finally(() => (ended = true));
      const beats = attempt.heartbeats.length;
      await attempt.until(() => attempt.heartbeats.length > beats + 10);
      assert.equal(ended, false);
      release();
      await assert.rejects(envelope, (error) => error instanceof AttemptFailure && error.failureClass === 'Preempted');
      const { output } = await caller.attempt({ steps: 4 }).envelope;
      assert.ok((output as { from: number }).from >= 1);
    });

    it('that cannot be stored fail the attempt at the next save, or at the end', async () => {
      for (const steps of [1, 3]) {
        let puts = 0;
        const full = () =>
          ++puts === 1 ? Promise.reject(new TrainyardError('TY1203', 'the disk is full')) : Promise.resolve();
        const caller = await callerOf(counting, { store: await storeWith(full) });
        const ended: unknown = await caller.attempt({ steps }).envelope.catch((error: unknown) => error);
        assert.ok(ended instanceof AttemptFailure);
        assert.match(ended.message, /the disk is full/);
        assert.equal(ended.failureClass, 'DataUnavailable');
        assert.ok(caller.log.some(({ msg }) => /the trainer's (checkpoint|put) was refused/.test(String(msg))));
        assert.equal((await caller.attempt({ steps }).envelope).attempts, 2);
      }
    });
  });

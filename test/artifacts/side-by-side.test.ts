import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Fail, sideBySide } from '../../src/artifacts/side-by-side.js';

/** Works until it is stopped, and a little longer. */
async function untilStopped(stop: AbortSignal): Promise<never> {
  await once(stop, 'abort');
  await new Promise(setImmediate);
  stop.throwIfAborted();
  throw new Error('it was not stopped');
}

describe('work side by side', () => {
  it('is stopped by the first failure, which is told when all have ended', async () => {
    const failure = new Error('the first');
    let started = 0;
    let ended = 0;
    const work = async (stop: AbortSignal) => {
      if (++started === 3) throw failure;
      await untilStopped(stop).finally(() => ended++);
    };
    await assert.rejects(sideBySide(3, work), failure);
    assert.equal(ended, 2);
  });

  it('tells the first failure, also where an earlier one in line says that it was stopped', async () => {
    const failure = new Error('the first');
    let started = 0;
    const work = async (stop: AbortSignal) => {
      if (++started === 2) throw failure;
      await once(stop, 'abort');
      throw new Error('stopped');
    };
    await assert.rejects(sideBySide(2, work), failure);
  });

  it('tells why it was made to fail, whatever was made of that on its way', async () => {
    const failure = new Error('the disk is full');
    const work = async (stop: AbortSignal, fail: Fail) => {
      await Promise.reject(failure)
        .catch(fail)
        .catch(() => undefined);
      stop.throwIfAborted();
    };
    await assert.rejects(sideBySide(2, work), failure);
  });

  it('ends with the signal of its caller', async () => {
    const caller = new AbortController();
    const running = sideBySide(2, untilStopped, caller.signal);
    caller.abort(new Error('enough'));
    await assert.rejects(running, /enough/);
  });
});

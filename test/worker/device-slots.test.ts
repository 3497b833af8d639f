import assert from 'node:assert/strict';
import { DeviceSlots } from '../../src/worker/device-slots.js';

const gpus = (count: number) => Array.from({ length: count }, (_, index) => ({ index, name: 'GPU', memoryMiB: 1 }));
const ignore = () => undefined;
const never = new AbortController().signal;

describe('slots for devices', () => {
  it('lend each device to one attempt', () => {
    const slots = new DeviceSlots(gpus(2), { report: ignore });
    const [first, second, third] = [slots.take(), slots.take(), slots.take()];
    assert.deepEqual([first, second, third], [[0], [1], []]);
    slots.giveBack(first);
    assert.deepEqual(slots.take(), [0]);
  });

  it('are as many as there are devices, or fewer where the pool says so', async () => {
    for (const [most, expected] of [
      [undefined, 2],
      [1, 1],
      [5, 2],
    ] as const) {
      const slots = new DeviceSlots(gpus(2), { ...(most && { most }), report: ignore });
      let granted = 0;
      const abort = new AbortController();
      const asked = [1, 2, 3].map(() => slots.reserveSlot(undefined, abort.signal).then(() => granted++, ignore));
      await turn();
      assert.equal(granted, expected);
      slots.releaseSlot();
      await turn();
      assert.equal(granted, expected + 1);
      abort.abort();
      await Promise.all(asked);
    }
  });

  it('let a device rest that failed, so that the next attempt gets another one', () => {
    const slots = new DeviceSlots(gpus(3), { report: ignore });
    const [lent] = [slots.take()];
    slots.failed(lent);
    slots.giveBack(lent);
    assert.deepEqual([slots.slots, slots.healthy], [2, 3]);
    assert.deepEqual([slots.take(), slots.take(), slots.take()], [[1], [2], []]);
  });

  it('leave a device alone that failed twice, and give none when none is left', async () => {
    const told: unknown[] = [];
    const slots = new DeviceSlots(gpus(1), {
      report: ({ index }, failures, left) => told.push([index, failures, left]),
    });
    await slots.reserveSlot(undefined, never);
    slots.failed([0]);
    slots.failed([0]);
    slots.giveBack([0]);
    slots.releaseSlot();
    assert.deepEqual(told, [
      [0, 1, 1],
      [0, 2, 0],
    ]);
    assert.deepEqual([slots.take(), slots.slots, slots.healthy], [[], 0, 0]);
    const abort = new AbortController();
    const asked = slots.reserveSlot(undefined, abort.signal);
    abort.abort();
    await assert.rejects(asked, { name: 'AbortError' });
  });
});

/** Lets promises settle. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

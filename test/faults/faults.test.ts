/** The faults that are quick to try, with few trials each: `npm run faults` tries all of them. @module */
import assert from 'node:assert/strict';
import { faults } from './all.js';
import { runFault, SharedLab } from './support/run-fault.js';

/** Fixed, so that a test run says the same twice; `npm run faults` draws another one each time. */
const seed = 20_261_121;

describe('a run survives', function () {
  this.timeout(300_000);
  const shared = new SharedLab();
  after(() => shared.close());

  for (const fault of faults.filter(({ quick }) => quick > 0))
    it(`fault ${fault.number}: ${fault.name}`, async function () {
      const missing = await fault.missing?.();
      if (missing !== undefined) {
        console.error(`      not tried here: ${missing}`);
        this.skip();
      }
      const { failures } = await runFault(fault, shared, { seed, trials: [...Array(fault.quick).keys()] });
      assert.deepEqual(failures, []);
    });
});

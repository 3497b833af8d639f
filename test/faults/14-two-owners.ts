/** Fault 14: a split network: two workers believe that the attempt is theirs, and both write to the store. @module */
import { counting } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { startTcpProxy } from './support/tcp-proxy.js';
import { checkpointOf, trainerOf } from './support/trainers.js';

const input = { steps: 40 };
const stepMs = 150;

export const twoOwners: Fault = {
  number: 14,
  name: 'split network: two workers own the attempt, both write',
  trials: 20,
  quick: 0,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const expected = await lab.unbroken(counting, input);
    const proxy = await startTcpProxy(lab.address);
    try {
      const cutOff = await lab.unusualWorker(pool, { env: { TEMPORAL_ADDRESS: proxy.address } });
      const run = await lab.pipelines.start(counting, { input: { ...input, stepMs, pool, heartbeatSeconds: 2 } });
      const first = await trainerOf(lab, run);
      await checkpointOf(lab, first, random.whole(1, 4));
      proxy.split(true);
      const other = await lab.unusualWorker(pool);
      const second = await trainerOf(lab, run, first.attempt);
      // Both train, both save: the first has not heard of the second.
      await Promise.all([checkpointOf(lab, second, random.whole(2, 6)), checkpointOf(lab, first, 20)]);
      proxy.split(false);
      await completesAs(lab, run, expected);
      const resumed = `^attempt ${second.attempt} resumed from checkpoint \\d+ of attempt 1, and completed$`;
      await tells(lab, run, new RegExp(resumed, 'm'));
      await other.kill();
      if ((await cutOff.drain()) !== 0) throw new Error('the worker that was cut off did not drain');
    } finally {
      await proxy.close();
    }
  },
};

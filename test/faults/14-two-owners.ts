/** Fault 14: a split network: two workers believe that the attempt is theirs, and both write to the store. @module */
import { counting } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { fromCheckpoint, lines } from './support/sentences.js';
import { startTcpProxy } from './support/tcp-proxy.js';
import { checkpointOf, newestCheckpoint, trainerOf } from './support/trainers.js';

const input = { steps: 80 };
const stepMs = 200;

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
      const other = await lab.unusualWorker(pool);
      await checkpointOf(lab, first, random.whole(1, 8));
      proxy.split(true);
      const second = await trainerOf(lab, run, first.attempt);
      // Both train, both save: the first has not heard of the second.
      const before = await newestCheckpoint(lab, first);
      await checkpointOf(lab, second, random.whole(1, 6));
      await checkpointOf(lab, first, before + 1);
      proxy.split(false);
      await completesAs(lab, run, expected);
      await tells(lab, run, lines(`attempt ${second.attempt} ${fromCheckpoint('\\d+')}, and completed`));
      await other.kill();
      if ((await cutOff.drain()) !== 0) throw new Error('the worker that was cut off did not drain');
    } finally {
      await proxy.close();
    }
  },
};

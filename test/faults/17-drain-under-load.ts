/** Fault 17: SIGTERM of a worker with six trainings under way. @module */
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';
import { afterAnother, lines } from './support/sentences.js';

export const drainUnderLoad: Fault = {
  number: 17,
  name: 'SIGTERM of the worker of six runs',
  trials: 20,
  quick: 1,
  atOnce: 2,
  try: async ({ lab: open, slot, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const worker = await lab.worker(pool);
    // The silence of ten minutes would be noticed: a drained attempt goes on at once.
    const { runs, complete } = await underLoad(lab, random, { runs: 6, pool, heartbeatSeconds: 600 });
    const code = await worker.drain();
    if (code !== 0) throw new Error(`the drained worker ended with ${code ?? 'a signal'}`);
    await lab.worker(pool);
    await complete();
    for (const run of runs) await tells(lab, run, drainedOrDone);
  },
};

/** A run may have been over before the signal came. */
const drainedOrDone = lines(`attempt 1 began, and (completed|was drained\nattempt 2 ${afterAnother}, and completed)`);

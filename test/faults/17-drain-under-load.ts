/** Fault 17: SIGTERM of a worker with six trainings under way. @module */
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';
import { afterAnother, lines } from './support/sentences.js';

export const drainUnderLoad: Fault = {
  number: 17,
  name: 'SIGTERM of the worker of six runs',
  trials: 20,
  quick: 0,
  atOnce: 2,
  try: async ({ lab: open, slot, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const worker = await lab.worker(pool);
    // A drained attempt goes on at once, and says so. Not so a task that the server hands out in the very moment in which the worker takes its
    // last one: Temporal misses it after the silence.
    const { runs, complete } = await underLoad(lab, random, { runs: 6, pool, heartbeatSeconds: 30 });
    const code = await worker.drain();
    if (code !== 0) throw new Error(`the drained worker ended with ${code ?? 'a signal'}`);
    await lab.worker(pool);
    await complete();
    for (const run of runs) await tells(lab, run, drainedOrDone);
  },
};

/** A run may have been over before the signal came. */
const drainedOrDone = lines(
  `attempt \\d+ began, and (completed|was drained\nattempt \\d+ ${afterAnother}, and completed)`,
);

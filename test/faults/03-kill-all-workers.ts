/** Fault 3: kill -9 of all workers, those of the pipelines among them. @module */
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';

export const killAllWorkers: Fault = {
  number: 3,
  name: 'kill -9 of all workers',
  trials: 30,
  quick: 1,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const { runs, complete } = await underLoad(lab, random, { runs: 4, pool: 'cpu', heartbeatSeconds: 2 });
    await Promise.all(lab.livingWorkers.map((worker) => worker.kill()));
    await Promise.all(['pipelines', 'cpu'].map((pool) => lab.worker(pool)));
    await complete();
    for (const run of runs) await tells(lab, run, /completed$/);
  },
};

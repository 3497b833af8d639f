/** Fault 5: kill -9 of engine, workers and trainers together: as when the machine's power goes, but for the disk. @module */
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';

export const killEverything: Fault = {
  number: 5,
  name: 'kill -9 of engine, workers and trainers together',
  trials: 20,
  quick: 1,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const { runs, complete } = await underLoad(lab, random, { runs: 4, pool: 'cpu', heartbeatSeconds: 2 });
    await Promise.all([lab.killEngine(), ...lab.livingWorkers.map((worker) => worker.kill())]);
    await lab.startEngine();
    await Promise.all(['pipelines', 'cpu'].map((pool) => lab.worker(pool)));
    await complete();
    for (const run of runs) await tells(lab, run, /completed$/);
  },
};

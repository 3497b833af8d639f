/** Fault 4: kill -9 of the engine on its file database. @module */
import { setTimeout } from 'node:timers/promises';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';

export const killEngine: Fault = {
  number: 4,
  name: 'kill -9 of the engine (file database)',
  trials: 30,
  quick: 0,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const { runs, complete } = await underLoad(lab, random, { runs: 4, pool: 'cpu', heartbeatSeconds: 10 });
    await lab.killEngine();
    await setTimeout(random.next() * 1_500);
    await lab.startEngine();
    await complete();
    for (const run of runs) await tells(lab, run, /completed$/);
  },
};

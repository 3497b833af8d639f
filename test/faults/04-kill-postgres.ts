/** Fault 4 on PostgreSQL: kill -9 of the Temporal server, of its PostgreSQL, or of both. @module */
import { setTimeout } from 'node:timers/promises';
import { type EnginePart, postgresMissing } from '../support/postgres-engine.js';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { startOnPostgres } from './support/lab-engine.js';
import { underLoad } from './support/load.js';

const victims: readonly (readonly EnginePart[])[] = [['server'], ['postgres'], ['server', 'postgres']];

export const killPostgres: Fault = {
  number: 4,
  name: 'kill -9 of the engine on PostgreSQL, of PostgreSQL, of both',
  trials: 30,
  quick: 0,
  settings: { startEngine: startOnPostgres },
  missing: postgresMissing,
  try: async ({ index, lab: open, random }) => {
    const lab = await open();
    const { runs, complete } = await underLoad(lab, random, { runs: 4, pool: 'cpu', heartbeatSeconds: 10 });
    await lab.killEngine(victims[index % victims.length]);
    await setTimeout(random.next() * 1_500);
    await lab.startEngine();
    await complete();
    for (const run of runs) await tells(lab, run, /completed$/);
  },
};

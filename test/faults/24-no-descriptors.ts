/** Fault 24: a worker that may open 256 files, and something in its process that now and then takes all of them. @module */
import { disturb } from './support/disturb.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { loads } from './support/load.js';
import { send } from './support/process-table.js';

const eater = new URL('./support/eat-descriptors.js', import.meta.url).href;

export const noDescriptors: Fault = {
  number: 24,
  name: 'file descriptors of the worker exhausted, again and again',
  trials: 10,
  quick: 0,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const expected = await Promise.all(loads.map(({ contract, input }) => lab.unbroken(contract, input)));
    const worker = await lab.unusualWorker(pool, { env: { NODE_OPTIONS: `--import ${eater}` }, descriptors: 256 });
    try {
      const place = { pool, heartbeatSeconds: 10 };
      const runs = await Promise.all(
        loads.map(({ contract, input, stepMs }) =>
          lab.pipelines.start(contract, { input: { ...input, ...place, stepMs } }),
        ),
      );
      const done = Promise.all(runs.map((run, index) => completesAs<unknown>(lab, run, expected[index])));
      await disturb(done, { random, leastMs: 200, mostMs: 1_700 }, () => send(worker.pid, 'SIGUSR2'));
      for (const run of runs) await tells(lab, run, /completed$/);
      if (!worker.lives()) throw new Error('the worker is gone');
    } finally {
      await worker.kill();
    }
  },
};

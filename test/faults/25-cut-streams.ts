/** Fault 25: connections between a worker and the engine that are reset at random moments, again and again. @module */
import { disturb } from './support/disturb.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { loads } from './support/load.js';
import { startTcpProxy } from './support/tcp-proxy.js';

export const cutStreams: Fault = {
  number: 25,
  name: 'gRPC connections cut at random',
  trials: 20,
  quick: 1,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const expected = await Promise.all(loads.map(({ contract, input }) => lab.unbroken(contract, input)));
    const proxy = await startTcpProxy(lab.address);
    const worker = await lab.unusualWorker(pool, { env: { TEMPORAL_ADDRESS: proxy.address } });
    try {
      const place = { pool, heartbeatSeconds: 10 };
      const runs = await Promise.all(
        loads.map(({ contract, input, stepMs }) =>
          lab.pipelines.start(contract, { input: { ...input, ...place, stepMs } }),
        ),
      );
      const done = Promise.all(runs.map((run, index) => completesAs<unknown>(lab, run, expected[index])));
      await disturb(done, { random, leastMs: 50, mostMs: 550 }, proxy.cut);
      for (const run of runs) await tells(lab, run, /completed$/);
      if (!worker.lives()) throw new Error('the worker is gone');
    } finally {
      await proxy.close();
      await worker.kill();
    }
  },
};

/** Runs on one worker that is disturbed again and again until they are done, and lives through it. @module */
import { disturb } from './disturb.js';
import { completesAs, tells } from './expect.js';
import type { Lab } from './lab.js';
import { loads } from './load.js';
import type { Random } from './random.js';
import type { WorkerProcess, WorkerSettings } from './worker-process.js';

/** The worker, and how it is disturbed. */
export interface Disturbance {
  /** A pool that nobody else serves. */
  readonly pool: string;
  readonly settings: WorkerSettings;
  readonly random: Random;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly act: (worker: WorkerProcess) => void;
}

/** The runs complete with the results of unbroken ones, and the worker is still there. */
export async function disturbWorker(lab: Lab, { pool, settings, act, ...pace }: Disturbance): Promise<void> {
  const expected = await Promise.all(loads.map(({ contract, input }) => lab.unbroken(contract, input)));
  const worker = await lab.unusualWorker(pool, settings);
  try {
    const place = { pool, heartbeatSeconds: 10 };
    const runs = await Promise.all(
      loads.map(({ contract, input, stepMs }) =>
        lab.pipelines.start(contract, { input: { ...input, ...place, stepMs } }),
      ),
    );
    const done = Promise.all(runs.map((run, index) => completesAs<unknown>(lab, run, expected[index])));
    await disturb(done, pace, () => {
      act(worker);
    });
    for (const run of runs) await tells(lab, run, /completed$/);
    if (!worker.lives()) throw new Error('the worker is gone');
  } finally {
    await worker.kill();
  }
}

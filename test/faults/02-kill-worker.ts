/** Fault 2: kill -9 of a worker in the middle of several runs. @module */
import { storyOf } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { underLoad } from './support/load.js';
import { lostAndResumed } from './support/sentences.js';

export const killWorker: Fault = {
  number: 2,
  name: 'kill -9 of the worker of three runs',
  trials: 50,
  quick: 0,
  atOnce: 3,
  try: async ({ lab: open, slot, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const worker = await lab.worker(pool);
    const { runs, complete } = await underLoad(lab, random, { runs: 3, pool, heartbeatSeconds: 2 });
    await worker.kill();
    await lab.worker(pool);
    await complete();
    const stories = await Promise.all(runs.map((run) => storyOf(lab, run)));
    if (!stories.some((story) => lostAndResumed.test(story)))
      throw new Error(`no run tells of its lost worker:\n${stories.join('\n')}`);
  },
};

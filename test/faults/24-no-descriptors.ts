/** Fault 24: a worker that may open 256 files, and something in its process that now and then takes all of them. @module */
import { disturbWorker } from './support/disturbed-worker.js';
import type { Fault } from './support/fault.js';
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
    await disturbWorker(lab, {
      pool,
      settings: { env: { NODE_OPTIONS: `--import ${eater}` }, descriptors: 256 },
      random,
      leastMs: 200,
      mostMs: 1_700,
      act: ({ pid }) => {
        send(pid, 'SIGUSR2');
      },
    });
  },
};

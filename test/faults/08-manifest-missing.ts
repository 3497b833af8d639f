/** Fault 8: the newest manifest is gone. @module */
import { rm } from 'node:fs/promises';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { damagedRun } from './support/held-run.js';
import { fromCheckpoint, lines } from './support/sentences.js';

export const manifestMissing: Fault = {
  number: 8,
  name: 'newest manifest missing',
  trials: 10,
  quick: 0,
  atOnce: 2,
  try: async ({ slot, lab: open }) => {
    const lab = await open();
    const run = await damagedRun(lab, slot, async ([newest]) => {
      if (newest) await rm(newest.manifest);
    });
    await tells(lab, run, lines(`attempt 2 ${fromCheckpoint(3)}, and completed`));
  },
};

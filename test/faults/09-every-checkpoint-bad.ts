/** Fault 9: not one checkpoint is left whole. @module */
import { stat } from 'node:fs/promises';
import { cut, flip } from './support/damage.js';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { damagedRun } from './support/held-run.js';

export const everyCheckpointBad: Fault = {
  number: 9,
  name: 'every checkpoint bad',
  trials: 10,
  quick: 1,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    const run = await damagedRun(lab, slot, async (checkpoints) => {
      for (const checkpoint of checkpoints) {
        const path = checkpoint[random.pick(['manifest', 'weights'] as const)];
        const { size } = await stat(path);
        if (random.next() < 0.5) await cut(path, random.whole(0, size - 1));
        else await flip(path, random.whole(0, size * 8 - 1));
      }
    });
    await tells(lab, run, /^attempt 2 began afresh, skipped a damaged record \(.*and completed$/m);
  },
};

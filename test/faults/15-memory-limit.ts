/** Fault 15: a trainer runs into its memory limit: the batch is halved until it fits, and the run completes. @module */
import { hungering } from './project/contracts.js';
import { expectedSum } from '../integration/project/expected-sum.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { afterAnother, lines } from './support/sentences.js';

const steps = 6;

export const memoryLimit: Fault = {
  number: 15,
  name: 'memory limit hit: smaller batch',
  trials: 20,
  quick: 1,
  atOnce: 2,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const run = await lab.start(hungering, { steps, batch: 48, hungryAt: random.whole(1, steps) });
    // 768 MiB are too many for 400, and so are 384 beside what Node takes; 192 are not.
    await completesAs(lab, run, { batch: 12, sum: expectedSum(steps) });
    await tells(
      lab,
      run,
      /^attempt 1 began, and failed as OutOfMemory: /m,
      lines(`attempt \\d+ \\(OutOfMemory: batch 24 → 12\\) ${afterAnother}, and completed`),
    );
  },
};

/** Fault 16: the numbers of a training are not finite at a step: back over the newest checkpoint, with a lower rate. @module */
import { learning } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { lines } from './support/sentences.js';

const steps = 64;

export const notANumber: Fault = {
  number: 16,
  name: 'NaN at a step: rolled back, lower rate',
  trials: 20,
  quick: 1,
  atOnce: 2,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const input = { steps, divergeAt: random.whole(16, steps - 1) };
    // What it gives when nothing else happens, and when it happens again.
    const expected = await lab.unbroken(learning, input);
    const run = await lab.start(learning, input);
    await completesAs(lab, run, expected);
    await tells(
      lab,
      run,
      /^attempt 1 began, and failed as Diverged: .*\[TY1510\]$/m,
      lines(
        'attempt 2 \\(Diverged: rate 0.01 → 0.001, 1 checkpoint back\\) resumed from checkpoint .*, passing over 1 newer.*, and completed',
      ),
    );
  },
};

/** Fault 18: a trainer that hangs: its loop turns or does not turn, its heartbeats go on, and it makes no progress. @module */
import { counting } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { fromCheckpoint, lines } from './support/sentences.js';

const input = { steps: 6 };

export const hungTrainer: Fault = {
  number: 18,
  name: 'trainer hangs: breathes, but makes no progress',
  trials: 30,
  quick: 2,
  atOnce: 2,
  try: async ({ index, lab: open, random }) => {
    const lab = await open();
    const expected = await lab.unbroken(counting, input);
    const hang = { at: random.whole(1, input.steps), as: index % 2 === 0 ? ('wait' as const) : ('spin' as const) };
    const run = await lab.start(counting, { ...input, hang, stallSeconds: 2 });
    await completesAs(lab, run, expected);
    const from = hang.at === 1 ? 'began afresh' : fromCheckpoint(hang.at - 1);
    await tells(
      lab,
      run,
      /^attempt 1 began, and failed as Stalled: stage count, attempt 1: no progress for 2000 ms$/m,
      lines(`attempt 2 ${from}, and completed`),
    );
  },
};

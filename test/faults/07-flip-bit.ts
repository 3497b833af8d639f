/** Fault 7: one bit flipped, anywhere in the manifests, the base and the files of checkpoints. @module */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { flip, whileFlipped } from './support/damage.js';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { damagedRun } from './support/held-run.js';
import { saveCheckpoints } from './support/saved-checkpoints.js';
import { fromCheckpoint, lines } from './support/sentences.js';

/** Every so many trials go through a whole run instead of through the records alone. */
const wholeRunEvery = 125;

export const flipBit: Fault = {
  number: 7,
  name: 'one bit of a checkpoint flipped',
  trials: 1_000,
  quick: 20,
  atOnce: 4,
  try: async ({ index, slot, lab: open, random, folder }) => {
    if (index % wholeRunEvery === wholeRunEvery - 1) {
      const lab = await open();
      const of = random.pick(['manifest', 'weights'] as const);
      const run = await damagedRun(lab, slot, async ([newest]) => {
        if (newest) await flip(newest[of], random.whole(0, (await stat(newest[of])).size * 8 - 1));
      });
      await tells(lab, run, lines(`attempt 2 ${fromCheckpoint(3)}, skipped a damaged record \\(.*`));
      return;
    }
    const { manifests, contents, base, resume } = await saveCheckpoints(folder);
    const file = random.pick([...manifests, ...contents, base]);
    const bit = random.whole(0, (await stat(file.path)).size * 8 - 1);
    const found = await whileFlipped(file.path, bit, resume);
    // Only what is newest is looked at: damage further back is found when it is needed.
    const newest = file.seq === 3;
    assert.deepEqual(found, { seq: newest ? 2 : 3, damaged: newest ? [file.key] : [] }, `bit ${bit} of ${file.path}`);
  },
};

/** Fault 6: a checkpoint cut short: its file of 1 MiB at every 4 KiB, its manifest at every sixteenth. @module */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { cut, whileCut } from './support/damage.js';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { damagedRun } from './support/held-run.js';
import { saveCheckpoints } from './support/saved-checkpoints.js';
import { fromCheckpoint, lines } from './support/sentences.js';

const fileCuts = 256;
const manifestCuts = 16;
const wholeRuns = 8;

export const cutCheckpoint: Fault = {
  number: 6,
  name: 'newest checkpoint cut at every 4 KiB',
  trials: fileCuts + manifestCuts + wholeRuns,
  quick: 4,
  atOnce: 4,
  try: async ({ index, slot, lab: open, random, folder }) => {
    if (index >= fileCuts + manifestCuts) {
      const lab = await open();
      const of = random.pick(['manifest', 'weights'] as const);
      const run = await damagedRun(lab, slot, async ([newest]) => {
        if (newest) await cut(newest[of], random.whole(0, (await stat(newest[of])).size - 1));
      });
      await tells(lab, run, lines(`attempt 2 ${fromCheckpoint(3)}, skipped a damaged record \\(.*`));
      return;
    }
    const { contents, manifests, resume } = await saveCheckpoints(folder);
    const damaged = (index < fileCuts ? contents : manifests)[2];
    assert.ok(damaged);
    const { size } = await stat(damaged.path);
    const bytes = index < fileCuts ? index * 4_096 : Math.floor(((index - fileCuts) / manifestCuts) * size);
    const found = await whileCut(damaged.path, bytes, resume);
    assert.deepEqual(found, { seq: 2, damaged: [damaged.key] });
    assert.deepEqual(await resume(), { seq: 3, damaged: [] });
  },
};

/** Fault 27: a trainer whose module cannot be imported: it is tried three times, a second apart, and no more. @module */
import assert from 'node:assert/strict';
import { failureOf } from '../../src/client/run.js';
import { crashing } from './project/contracts.js';
import { resultOf, storyOf } from './support/expect.js';
import type { Fault } from './support/fault.js';

/** Three starts, the second and third of which wait for a second. */
const leastMs = 2_000;

export const crashOnImport: Fault = {
  number: 27,
  name: 'trainer crashes on import: NoProgress, no storm',
  trials: 100,
  quick: 2,
  atOnce: 6,
  try: async ({ lab: open }) => {
    const lab = await open();
    const run = await lab.start(crashing, {});
    const failure = await resultOf(run).then(() => 'it completed', failureOf);
    assert.match(
      failure,
      /^3 attempts failed without a newer checkpoint; the last failure: Failed: this module cannot/,
    );
    const story = await storyOf(lab, run);
    assert.equal(story.match(/and failed as Failed: this module cannot be imported$/gm)?.length, 3, story);
    assert.match(story, /^attempt 4 .*and failed as NoProgress: /m);
    const { startedAt, closedAt } = await run.status();
    const tookMs = (closedAt?.getTime() ?? NaN) - startedAt.getTime();
    assert.ok(tookMs >= leastMs, `three attempts within ${tookMs} ms`);
  },
};

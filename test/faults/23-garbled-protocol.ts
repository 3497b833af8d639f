/** Fault 23: every field of the trainer protocol garbled: refused in words or taken, and the worker lives. @module */
import assert from 'node:assert/strict';
import { failureOf } from '../../src/client/run.js';
import { garbling } from './project/contracts.js';
import { garbledLines } from './project/garbled-lines.js';
import { resultOf, storyOf } from './support/expect.js';
import type { Fault } from './support/fault.js';

export const garbledProtocol: Fault = {
  number: 23,
  name: 'every field of the trainer protocol garbled',
  trials: garbledLines.length,
  quick: 0,
  atOnce: 8,
  try: async ({ index, lab: open }) => {
    const lab = await open();
    const worker = await lab.worker('cpu');
    const { name } = garbledLines[index] ?? { name: '' };
    const run = await lab.start(garbling, { line: index });
    const end = await resultOf(run).then(({ attempt }) => attempt, failureOf);
    const story = await storyOf(lab, run);
    const told = `${name}: ${String(end)}\n${story}`;
    // Taken, as what is optional or may be anything; or refused, with the next attempt free of it.
    // A failure in other words is still a failure.
    if (end === 2)
      assert.match(story, name.startsWith('failure.') ? /^attempt 1 began, and failed as / : refused, told);
    // An output or a failure may be said in any words: then it is what the contract, or the class, makes of it.
    else if (typeof end === 'string')
      assert.match(name, /^(output\.output|failure\.(class|message|stack|evidence)) /, told);
    else assert.equal(end, 1, told);
    assert.ok(story.length < 64 * 1024, `a story of ${story.length} characters`);
    assert.ok(worker.lives(), `the worker is gone: ${told}`);
  },
};

const refused = /^attempt 1 began, and failed as (Failed|ContractViolation): [^]+\[TY\d{4}\]/;

/** Fault 20: values far too long, wherever stage code may say one: refused in words or cut short, and the worker lives. @module */
import assert from 'node:assert/strict';
import { failureOf } from '../../src/client/run.js';
import { messageOf } from '../../src/contracts/errors.js';
import { bursting, counting } from './project/contracts.js';
import { resultOf, storyOf } from './support/expect.js';
import type { Fault } from './support/fault.js';

const megabyte = 1024 * 1024;

type What = 'output' | 'note' | 'unit' | 'error' | 'log' | 'evidence';

/** What is said, how long it is, and how the run ends: with a failure that says so, or well. */
const cases: readonly { readonly what: What; readonly bytes: number; readonly failure?: RegExp }[] = [
  { what: 'output', bytes: 3 * megabyte, failure: /an output of 30\d\d KiB is over the limit of 63 KiB.*\[TY1007\]/ },
  { what: 'note', bytes: 3 * megabyte },
  { what: 'unit', bytes: 3 * megabyte },
  { what: 'error', bytes: 5 * megabyte },
  { what: 'evidence', bytes: 5 * megabyte },
  { what: 'log', bytes: 5 * megabyte },
];

export const oversized: Fault = {
  number: 20,
  name: 'output, heartbeat, error, log of 3 to 5 MB',
  trials: cases.length * 2 + 1,
  quick: 2,
  try: async ({ index, lab: open }) => {
    const lab = await open();
    const which = cases[index >> 1];
    if (which === undefined) {
      // What a client passes is refused before anything is sent.
      const input = { steps: 1, gate: 'x'.repeat(3 * megabyte) };
      await assert.rejects(lab.start(counting, input), (error) => /TY1007/.test(causesOf(error)));
      return;
    }
    const { failure, what, bytes } = which;
    const worker = await lab.worker('cpu');
    const run = await lab.start(bursting, {
      what,
      bytes,
      inWorker: index % 2 === 0,
      heartbeatSeconds: what === 'log' ? 15 : 3,
    });
    const end = await resultOf(run).then(({ text }) => text, failureOf);
    if (failure) assert.match(end, failure);
    else assert.equal(end, 'quiet');
    const { stages } = await run.status();
    assert.equal(stages[0]?.attempts, what === 'error' || what === 'evidence' ? 2 : 1, 'attempts');
    const story = await storyOf(lab, run);
    if (what === 'output') assert.match(story, /^attempt 1 began, and failed as ContractViolation: /);
    assert.ok(story.length < 64 * 1024, `the story is ${story.length} characters long`);
    assert.ok(worker.lives(), 'the worker is gone');
  },
};

function causesOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return `${messageOf(error)} ${cause === undefined ? '' : causesOf(cause)}`;
}

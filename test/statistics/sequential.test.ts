/** Many looks at a growing sample: what they may spend, and that they raise no more false alarms. @module */

import assert from 'node:assert/strict';
import { randomUint32 } from '../../src/data/philox.js';
import { levelOfLook, spentError } from '../../src/statistics/sequential.js';
import { fisherExactTest } from '../../src/statistics/two-proportions.js';
import { assertRelativelyClose } from './fixture.js';
import { twoSampleCases } from './decision-fixtures.js';

describe('spending an error over many looks', () => {
  it('agrees with Lan and DeMets’ function after O’Brien and Fleming, by scipy', () => {
    for (const [alpha, seen, spent] of twoSampleCases().lateSpending) {
      assertRelativelyClose(spentError(alpha, seen, 'late'), spent, `${alpha} at ${seen}`);
    }
  });

  it('spends all of it by the end and nothing after', () => {
    for (const spending of ['even', 'late'] as const) {
      const looks = [0.1, 0.15, 0.4, 0.99, 1, 1.3].map((seen, i, all) => ({ seen, seenBefore: all[i - 1] ?? 0 }));
      const levels = looks.map((look) => levelOfLook({ alpha: 0.05, spending, ...look }));
      assert.ok(Math.abs(levels.reduce((sum, level) => sum + level) - 0.05) < 1e-15);
      assert.ok(levels.every((level) => level >= 0));
      assert.equal(levels.at(-1), 0);
    }
    assert.equal(spentError(0.05, 0.5), 0.025);
    assert.equal(spentError(0.05, 0, 'late'), 0);
  });

  it('refuses an alpha or a share that cannot be', () => {
    assert.throws(() => spentError(1, 0.5), /alpha must be between 0 and 1, got 1/);
    assert.throws(() => spentError(0.05, NaN), /the share seen must be 0 or more, got NaN/);
    assert.throws(() => levelOfLook({ alpha: 0.05, seen: 0.1, seenBefore: 0.2 }), /must not fall, got 0.1 after 0.2/);
  });
});

describe('twenty looks at two equal error rates', () => {
  const trials = 400;
  const requests = 1000;
  const looks = 20;

  /** In how many trials some look ended with a false verdict. */
  function falseAlarms(levelAt: (look: number) => number): number {
    const numbers = new Uint32Array(2 * requests);
    let alarms = 0;
    for (let trial = 0; trial < trials; trial++) {
      randomUint32({ seed: 1, step: trial }, numbers);
      const failed = Array.from(numbers, (number) => (number < 0.2 * 2 ** 32 ? 1 : 0));
      const hits = [0, 0];
      for (let look = 1, i = 0; look <= looks; look++) {
        for (; i < (2 * requests * look) / looks; i++) hits[i % 2]! += failed[i]!;
        const size = (requests * look) / looks;
        if (fisherExactTest({ hits: hits[0]!, size }, { hits: hits[1]!, size }).pValue > levelAt(look)) continue;
        alarms++;
        break;
      }
    }
    return alarms;
  }

  it('raise at most the declared share of false alarms, and far more without spending', () => {
    const level = (spending: 'even' | 'late') => (look: number) =>
      levelOfLook({ alpha: 0.05, seen: look / looks, seenBefore: (look - 1) / looks, spending });
    assert.ok(falseAlarms(level('even')) <= 0.05 * trials);
    assert.ok(falseAlarms(level('late')) <= 0.05 * trials);
    assert.ok(falseAlarms(() => 0.05) > 0.1 * trials);
  });
});

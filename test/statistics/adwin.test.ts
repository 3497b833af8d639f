/** ADWIN against river's. @module */

import assert from 'node:assert/strict';
import { adwinMean, advanceAdwin, startAdwin } from '../../src/statistics/adwin.js';
import type { AdwinState } from '../../src/statistics/adwin.js';
import { changeCases } from './decision-fixtures.js';
import type { AdwinCase } from './decision-fixtures.js';
import { assertClose } from './fixture.js';

const { adwin } = changeCases();

function started({ options }: AdwinCase): AdwinState {
  return startAdwin({
    delta: options.delta,
    clock: options.clock,
    maxBuckets: options.max_buckets,
    minWindowLength: options.min_window_length,
    gracePeriod: options.grace_period,
  });
}

describe('ADWIN', () => {
  for (const example of adwin) {
    it(`finds river's changes, with its width and mean: ${example.made}`, () => {
      const { changes } = advanceAdwin(started(example), example.values);
      assert.deepEqual(
        changes.map(({ index, width, mean }) => [index, width, mean]),
        example.changes,
      );
    });

    it(`goes on from a state that was kept as JSON, at river's width, mean and variance: ${example.made}`, () => {
      let state = started(example);
      let from = 0;
      for (const [last, width, mean, variance] of example.checkpoints) {
        const next = advanceAdwin(state, example.values.slice(from, last + 1)).state;
        state = JSON.parse(JSON.stringify(next)) as AdwinState;
        from = last + 1;
        assert.equal(state.width, width, `width at ${last}`);
        assertClose(adwinMean(state), mean, `mean at ${last}`);
        assertClose(state.variance, variance, `variance at ${last}`);
      }
    });
  }

  it('finds the reference stream’s change at 511', () => {
    assert.deepEqual(
      adwin[0]!.changes.map(([index]) => index),
      [511],
    );
  });

  it('keeps a state that grows with the logarithm of its window', () => {
    const { state } = advanceAdwin(startAdwin(), new Float64Array(100_000).fill(1));
    assert.equal(state.width, 100_000);
    assert.ok(JSON.stringify(state).length < 3000);
  });

  it('leaves the state that it is given as it was', () => {
    const { state } = advanceAdwin(startAdwin(), [1, 2, 3]);
    const before = JSON.stringify(state);
    advanceAdwin(state, [4, 5, 6, 7, 8, 9]);
    assert.equal(JSON.stringify(state), before);
  });

  it('refuses options and values that it cannot work with', () => {
    assert.throws(() => startAdwin({ delta: 0 }), new RangeError('delta must be between 0 and 1, got 0'));
    assert.throws(() => startAdwin({ clock: 0.5 }), /clock must be a whole number of 1 or more, got 0.5/);
    assert.throws(() => startAdwin({ maxBuckets: 1 }), /maxBuckets must be a whole number of 2 or more, got 1/);
    assert.throws(() => advanceAdwin(startAdwin(), [0, NaN]), /values\[1\] must be finite, got NaN/);
  });
});

/** The Page–Hinkley test against river's. @module */

import assert from 'node:assert/strict';
import { advancePageHinkley, startPageHinkley } from '../../src/statistics/page-hinkley.js';
import type { PageHinkleyState } from '../../src/statistics/page-hinkley.js';
import { changeCases } from './decision-fixtures.js';
import type { PageHinkleyCase } from './decision-fixtures.js';

const { pageHinkley } = changeCases();

function started({ options }: PageHinkleyCase): PageHinkleyState {
  return startPageHinkley({
    minInstances: options.min_instances,
    delta: options.delta,
    threshold: options.threshold,
    alpha: options.alpha,
    direction: options.mode,
  });
}

describe('the Page–Hinkley test', () => {
  for (const example of pageHinkley) {
    it(`finds river's changes: ${example.made}`, () => {
      const { changes } = advancePageHinkley(started(example), example.values);
      assert.deepEqual(
        changes.map(({ index, mean }) => [index, mean]),
        example.changes,
      );
    });

    it(`finds them from a state that was kept as JSON after each value: ${example.made}`, () => {
      let state = started(example);
      const found: number[] = [];
      example.values.forEach((value, index) => {
        const next = advancePageHinkley(state, [value]);
        state = JSON.parse(JSON.stringify(next.state)) as PageHinkleyState;
        if (next.changes.length > 0) found.push(index);
      });
      assert.deepEqual(
        found,
        example.changes.map(([index]) => index),
      );
    });
  }

  it('finds the reference stream’s change at 516', () => {
    assert.equal(pageHinkley[0]!.changes[0]![0], 516);
  });

  it('refuses options and values that it cannot work with', () => {
    assert.throws(() => startPageHinkley({ minInstances: 0 }), /minInstances must be a positive whole number, got 0/);
    assert.throws(() => startPageHinkley({ delta: -1 }), /delta must be 0 or more, got -1/);
    assert.throws(() => startPageHinkley({ threshold: 0 }), /threshold must be above 0, got 0/);
    assert.throws(() => startPageHinkley({ alpha: 2 }), /alpha must be above 0 and at most 1, got 2/);
    assert.throws(() => advancePageHinkley(startPageHinkley(), [Infinity]), /values\[0\] must be finite/);
  });
});

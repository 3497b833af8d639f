/** Wilson's interval against statsmodels'. @module */

import assert from 'node:assert/strict';
import { wilsonInterval } from '../../src/statistics/wilson-interval.js';
import { twoSampleCases } from './decision-fixtures.js';
import { assertClose } from './fixture.js';

describe('Wilson’s interval', () => {
  it('agrees with statsmodels', () => {
    for (const [hits, size, confidence, lower, upper] of twoSampleCases().wilson) {
      const found = wilsonInterval({ hits, size }, confidence);
      assertClose(found.lower, lower, `lower end of ${hits} in ${size}`);
      assertClose(found.upper, upper, `upper end of ${hits} in ${size}`);
    }
  });

  it('refuses shares that cannot be', () => {
    assert.throws(() => wilsonInterval({ hits: 0, size: 0 }), /there is no share of 0 in 0/);
    assert.throws(() => wilsonInterval({ hits: 2, size: 1 }), /there is no share of 2 in 1/);
  });
});

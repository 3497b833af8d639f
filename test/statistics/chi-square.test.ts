/** The chi-square test and distribution against scipy's. @module */

import assert from 'node:assert/strict';
import { chiSquareSurvival, chiSquareTest } from '../../src/statistics/chi-square.js';
import { assertClose, assertRelativelyClose, distributionCases, driftCases } from './fixture.js';

describe('the chi-square test', () => {
  for (const { made, reference, current, chiSquare } of driftCases().counts) {
    it(`agrees with scipy: ${made}`, () => {
      const { statistic, pValue, degreesOfFreedom } = chiSquareTest(reference, current);
      assertClose(statistic, chiSquare.statistic, 'statistic');
      assertClose(pValue, chiSquare.pValue, 'p-value');
      assert.equal(degreesOfFreedom, chiSquare.degreesOfFreedom);
    });
  }

  it('refuses counts that do not pair up, are negative or count nothing', () => {
    assert.throws(() => chiSquareTest([1], [1, 2]), /must have the same length, got 1 and 2/);
    assert.throws(() => chiSquareTest([1, -1], [1, 2]), /referenceCounts\[1\] must be between 0 and/);
    assert.throws(() => chiSquareTest([1, 1], [0, 0]), /currentCounts must count at least one observation/);
  });
});

describe('the chi-square distribution', () => {
  it('agrees with scipy, tails included', () => {
    for (const [x, k, expected] of distributionCases().chiSquare) {
      assertRelativelyClose(chiSquareSurvival(x, k), expected, `${x} with ${k} degrees of freedom`);
    }
  });
});

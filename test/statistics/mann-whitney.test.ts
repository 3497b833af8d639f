/** The Mann–Whitney test and the normal distribution against scipy's. @module */

import assert from 'node:assert/strict';
import { mannWhitneyTest, mannWhitneyTestOfCounts } from '../../src/statistics/mann-whitney.js';
import { normalQuantile, normalSurvival } from '../../src/statistics/normal.js';
import { twoSampleCases } from './decision-fixtures.js';
import { assertClose, assertRelativelyClose } from './fixture.js';

const { mannWhitney, histograms, normal, normalQuantile: quantiles } = twoSampleCases();
const alternatives = ['two-sided', 'greater', 'less'] as const;

describe('the Mann–Whitney test', () => {
  for (const [test, cases] of [
    [mannWhitneyTest, mannWhitney],
    [mannWhitneyTestOfCounts, histograms],
  ] as const) {
    for (const { made, first, second, statistic, pValues } of cases) {
      it(`agrees with scipy: ${made}`, () => {
        alternatives.forEach((alternative, i) => {
          const result = test(first, second, { alternative });
          assertClose(result.statistic, statistic, 'U');
          assertRelativelyClose(result.pValue, pValues[i]!, alternative);
        });
      });
    }
  }

  it('tells the chance that a value of the first is greater', () => {
    assert.equal(mannWhitneyTest([3, 4], [1, 2]).superiority, 1);
    assert.equal(mannWhitneyTest([1, 2], [1, 2]).superiority, 0.5);
  });

  it('refuses what it cannot compare', () => {
    assert.throws(() => mannWhitneyTest([], [1]), /first must hold at least 1 value, got 0/);
    assert.throws(() => mannWhitneyTest([1], [NaN]), /second\[0\] must be finite/);
    assert.throws(() => mannWhitneyTestOfCounts([1, 2], [1]), /must have the same length, got 2 and 1/);
  });
});

describe('the normal distribution', () => {
  it('has scipy’s tail and its inverse', () => {
    for (const [z, survival] of normal) assertRelativelyClose(normalSurvival(z), survival, `beyond ${z}`);
    for (const [p, z] of quantiles) assertClose(normalQuantile(p), z, `quantile of ${p}`);
  });

  it('has no quantile outside (0, 1)', () => {
    assert.throws(() => normalQuantile(0), new RangeError('p must be between 0 and 1, got 0'));
    assert.throws(() => normalQuantile(1), RangeError);
  });
});

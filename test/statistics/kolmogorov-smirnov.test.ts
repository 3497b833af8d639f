/** The two-sample Kolmogorov–Smirnov test against scipy's. @module */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { kolmogorovSmirnovTest } from '../../src/statistics/kolmogorov-smirnov.js';
import { assertClose, driftCases } from './fixture.js';

describe('the Kolmogorov–Smirnov test', () => {
  for (const { made, reference, current, ksStatistic, ksExact, ksAsymptotic } of driftCases().samples) {
    it(`agrees with scipy: ${made}`, () => {
      const exact = kolmogorovSmirnovTest(reference, current);
      assert.equal(exact.method, 'exact');
      assertClose(exact.statistic, ksStatistic, 'statistic');
      assertClose(exact.pValue, ksExact, 'exact p-value');
      if (ksAsymptotic === undefined) return;
      const { pValue } = kolmogorovSmirnovTest(reference, current, { method: 'asymptotic' });
      assertClose(pValue, ksAsymptotic, 'asymptotic p-value');
    });
  }

  it('takes the asymptotic p-value above 10,000 values', () => {
    const reference = Float64Array.from({ length: 10_001 }, (_, i) => i);
    assert.equal(kolmogorovSmirnovTest(reference, [5000]).method, 'asymptotic');
  });

  it('learns nothing from one value against one', () => {
    for (const method of ['exact', 'asymptotic'] as const) {
      assert.deepEqual(kolmogorovSmirnovTest([1], [2], { method }), { statistic: 1, pValue: 1, method });
    }
  });

  it('is symmetric, and finds no difference between a sample and its reverse', () => {
    const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const there = kolmogorovSmirnovTest(first, second);
        const back = kolmogorovSmirnovTest(second, first);
        assert.equal(there.statistic, back.statistic);
        assertClose(there.pValue, back.pValue, 'p-value');
        assert.equal(kolmogorovSmirnovTest(first, [...first].reverse()).pValue, 1);
      }),
    );
  });

  it('leaves the caller’s values in their order, and refuses what it cannot compare', () => {
    const values = new Float64Array([3, 1, 2]);
    kolmogorovSmirnovTest(values, values);
    assert.deepEqual([...values], [3, 1, 2]);
    assert.throws(() => kolmogorovSmirnovTest([1], []), /current must hold at least 1 value, got 0/);
    assert.throws(() => kolmogorovSmirnovTest([1, NaN], [1]), /reference\[1\] must be finite, got NaN/);
  });
});

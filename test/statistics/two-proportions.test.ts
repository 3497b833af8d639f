/** Tests of two shares against scipy's and statsmodels'. @module */

import assert from 'node:assert/strict';
import { fisherExactTest, mcnemarExactTest, pooledZTest } from '../../src/statistics/two-proportions.js';
import { twoSampleCases } from './decision-fixtures.js';
import { assertClose, assertRelativelyClose } from './fixture.js';

const { proportions, mcnemar } = twoSampleCases();
const alternatives = ['two-sided', 'greater', 'less'] as const;

for (const { first, second, fisher, z } of proportions) {
  const [one, other] = [first, second].map(([hits, size]) => ({ hits, size })) as [
    { hits: number; size: number },
    { hits: number; size: number },
  ];
  describe(`${one.hits} of ${one.size} against ${other.hits} of ${other.size}`, () => {
    it('has scipy’s exact p-values', () => {
      alternatives.forEach((alternative, i) => {
        assertRelativelyClose(fisherExactTest(one, other, { alternative }).pValue, fisher[i]!, alternative);
      });
    });

    it('has the same two-sided p-value the other way round', () => {
      assertRelativelyClose(fisherExactTest(other, one).pValue, fisher[0], 'two-sided');
    });

    if (z !== undefined) {
      it('has statsmodels’ z', () => {
        alternatives.forEach((alternative, i) => {
          const result = pooledZTest(one, other, { alternative });
          assertClose(result.z, z[0], 'z');
          assertRelativelyClose(result.pValue, z[i + 1]!, alternative);
        });
      });
    }
  });
}

describe('a test of two shares', () => {
  it('tells their difference, and none where a sample is empty', () => {
    assert.equal(fisherExactTest({ hits: 1, size: 4 }, { hits: 1, size: 2 }).difference, -0.25);
    assert.deepEqual(fisherExactTest({ hits: 0, size: 0 }, { hits: 1, size: 2 }), { pValue: 1, difference: undefined });
    assert.equal(pooledZTest({ hits: 2, size: 2 }, { hits: 3, size: 3 }).pValue, 1);
  });

  it('refuses shares that cannot be', () => {
    const fine = { hits: 1, size: 2 };
    assert.throws(() => fisherExactTest({ hits: 3, size: 2 }, fine), /first.hits must be at most its size 2, got 3/);
    assert.throws(
      () => fisherExactTest(fine, { hits: -1, size: 2 }),
      /second.hits must be a whole number of 0 or more/,
    );
    assert.throws(() => pooledZTest(fine, { hits: 0, size: 0 }), /needs a size above 0 in both/);
    assert.throws(() => mcnemarExactTest(0.5, 1), /onlyFirst must be a whole number of 0 or more, got 0.5/);
  });
});

describe('McNemar’s exact test', () => {
  it('agrees with statsmodels', () => {
    for (const [onlyFirst, onlySecond, pValue] of mcnemar) {
      assertRelativelyClose(mcnemarExactTest(onlyFirst, onlySecond), pValue, `${onlyFirst} against ${onlySecond}`);
    }
  });

  it('is the tail of a binomial where one side is asked about', () => {
    // 1 of 8: (1 + 8) / 256
    assertRelativelyClose(mcnemarExactTest(1, 7, { alternative: 'less' }), 9 / 256, 'less');
    assertRelativelyClose(mcnemarExactTest(7, 1, { alternative: 'greater' }), 9 / 256, 'greater');
    assertRelativelyClose(mcnemarExactTest(7, 1, { alternative: 'less' }), 255 / 256, 'the other side');
    assertRelativelyClose(mcnemarExactTest(2, 2, { alternative: 'less' }), 11 / 16, 'half');
    assert.equal(mcnemarExactTest(3_000, 0, { alternative: 'less' }), 1);
    assert.equal(mcnemarExactTest(0, 0, { alternative: 'less' }), 1);
  });
});

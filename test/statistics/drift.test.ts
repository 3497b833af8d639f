/** Effect sizes of drift against scipy's. @module */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  jensenShannonDistance,
  normalizedWassersteinDistance,
  populationStabilityIndex,
  wassersteinDistance,
} from '../../src/statistics/drift.js';
import { assertClose, driftCases } from './fixture.js';

const { samples, counts } = driftCases();

describe('drift of samples', () => {
  for (const { made, reference, current, ...expected } of samples) {
    it(`agrees with scipy: ${made}`, () => {
      assertClose(wassersteinDistance(reference, current), expected.wassersteinDistance, 'Wasserstein');
      const normalized = normalizedWassersteinDistance(reference, current);
      assertClose(normalized, expected.normalizedWassersteinDistance, 'normalized Wasserstein');
    });
  }

  const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });

  it('is what the sample was moved by', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: -100, max: 100 }), (values, shift) => {
        const moved = values.map((value) => value + shift);
        assertClose(wassersteinDistance(values, moved), Math.abs(shift), 'Wasserstein');
      }),
    );
  });

  it('is symmetric, and zero between a sample and its reverse', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        assertClose(wassersteinDistance(first, second), wassersteinDistance(second, first), 'Wasserstein');
        assert.equal(wassersteinDistance(first, [...first].reverse()), 0);
      }),
    );
  });

  it('leaves the caller’s values in their order, and refuses what it cannot compare', () => {
    const values = new Float64Array([3, 1, 2]);
    wassersteinDistance(values, values);
    assert.deepEqual([...values], [3, 1, 2]);
    assert.throws(() => wassersteinDistance([], [1]), new RangeError('reference must hold at least 1 value, got 0'));
    assert.throws(() => wassersteinDistance([1], [Infinity]), /current\[0\] must be finite, got Infinity/);
  });
});

describe('drift of counts', () => {
  for (const { made, reference, current, ...expected } of counts) {
    it(`agrees with scipy: ${made}`, () => {
      assertClose(populationStabilityIndex(reference, current), expected.populationStabilityIndex, 'PSI');
      assertClose(jensenShannonDistance(reference, current), expected.jensenShannonDistance, 'Jensen-Shannon');
    });
  }

  it('is symmetric, within its bounds, and zero for equal counts', () => {
    const pairs = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(pairs, (others) => {
        const reference = [1, ...others.map(([count]) => count)];
        const current = [1, ...others.map(([, count]) => count)];
        const psi = populationStabilityIndex(reference, current);
        const distance = jensenShannonDistance(reference, current);
        assert.ok(psi >= 0);
        assert.ok(distance >= 0 && distance <= 1);
        assertClose(populationStabilityIndex(current, reference), psi, 'PSI');
        assertClose(jensenShannonDistance(current, reference), distance, 'Jensen-Shannon');
        assert.equal(populationStabilityIndex(reference, reference), 0);
        assert.equal(jensenShannonDistance(reference, reference), 0);
      }),
    );
  });

  it('refuses counts that do not pair up or count nothing', () => {
    assert.throws(() => populationStabilityIndex([], []), /referenceCounts must hold at least 1 value/);
    assert.throws(() => jensenShannonDistance([1], [1, 2]), /must have the same length, got 1 and 2/);
    assert.throws(() => populationStabilityIndex([1], [0]), /currentCounts must count at least one observation/);
  });
});

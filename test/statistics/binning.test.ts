/** Binning against numpy's quantiles, and categories brought into one order. @module */

import assert from 'node:assert/strict';
import { alignCategories, countInBins, quantileEdges } from '../../src/statistics/binning.js';
import { assertAllClose, driftCases } from './fixture.js';

const withoutTies = driftCases().samples.filter(
  ({ reference, deciles }) => reference.length >= 100 && new Set(deciles).size === deciles.length,
);

describe('bins by quantiles of the reference', () => {
  for (const { made, reference, deciles } of withoutTies) {
    it(`are numpy's deciles: ${made}`, () => {
      const edges = quantileEdges(reference);
      assertAllClose(edges, deciles, 'edges');
      const share = reference.length / 10;
      for (const count of countInBins(reference, edges)) assert.ok(Math.abs(count - share) <= 1);
    });
  }

  it('close on the right and count every value once', () => {
    assert.deepEqual([...countInBins([-1e300, 1, 1.5, 2, 2.5, 1e300], new Float64Array([1, 2]))], [2, 2, 2]);
    assert.deepEqual([...countInBins([], new Float64Array([1]))], [0, 0]);
  });

  it('show a constant reference that moves up, down or not at all', () => {
    const edges = quantileEdges([5, 5, 5]);
    assert.deepEqual([...countInBins([4, 5, 5, 6], edges)], [1, 2, 1]);
  });

  it('give a value that fills whole bins a bin to itself', () => {
    const rain = [...Array<number>(90).fill(0), ...Array.from({ length: 10 }, (_, i) => i + 1)];
    const edges = quantileEdges(rain);
    assert.deepEqual([...countInBins([-1, 0, 0, 0, 4], edges)].filter(Boolean), [1, 3, 1]);
  });

  it('see one and two values', () => {
    assert.equal(countInBins([1], quantileEdges([1])).length, 3);
    assert.deepEqual([...quantileEdges([0, 1], { bins: 4 })], [0.25, 0.5, 0.75]);
  });

  it('refuse fewer than two bins and values that are not finite', () => {
    assert.throws(() => quantileEdges([1], { bins: 1 }), /bins must be an integer of 2 or more, got 1/);
    assert.throws(() => quantileEdges([NaN]), /reference\[0\] must be finite, got NaN/);
    assert.throws(() => countInBins([1, NaN], new Float64Array([1])), /values\[1\] must be finite, got NaN/);
  });
});

describe('categories of two samples', () => {
  it('come in one order, with 0 for those that one has not seen', () => {
    const aligned = alignCategories(new Map(Object.entries({ b: 2, a: 1 })), new Map(Object.entries({ c: 4, a: 3 })));
    assert.deepEqual(aligned, { categories: ['a', 'b', 'c'], reference: [1, 2, 0], current: [3, 0, 4] });
  });
});

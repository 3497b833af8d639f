/** Regression metrics against scikit-learn's. @module */

import assert from 'node:assert/strict';
import { meanAbsoluteError, rootMeanSquaredError, rSquared } from '../../src/statistics/regression.js';
import { assertClose, readFixture } from './fixture.js';

interface Case {
  readonly made: string;
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  readonly rSquared: number;
}

const { cases } = readFixture('regression') as { cases: Case[] }; // written by make_fixtures.py

describe('regression metrics', () => {
  for (const each of cases) {
    it(`agree with scikit-learn: ${each.made}`, () => {
      const { actual, predicted } = each;
      assertClose(rootMeanSquaredError(actual, predicted), each.rootMeanSquaredError, 'RMSE');
      assertClose(meanAbsoluteError(actual, predicted), each.meanAbsoluteError, 'MAE');
      assertClose(rSquared(actual, predicted), each.rSquared, 'R2');
    });
  }

  it('take typed arrays as they take arrays', () => {
    assert.equal(rSquared(new Float32Array([1, 2, 3]), new Float64Array([1, 2, 4])), rSquared([1, 2, 3], [1, 2, 4]));
  });

  it('refuse empty, unequal and non-finite input by name', () => {
    assert.throws(() => rootMeanSquaredError([], []), new RangeError('actual must hold at least 1 value, got 0'));
    assert.throws(() => meanAbsoluteError([1], [1, 2]), /actual and predicted must have the same length, got 1 and 2/);
    assert.throws(() => rSquared([1, 2], [1, NaN]), /predicted\[1\] must be finite, got NaN/);
    assert.throws(() => rSquared([1], [1]), /actual must hold at least 2 values, got 1/);
  });
});

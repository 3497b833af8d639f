/** Log loss, Brier score and calibration against scikit-learn's. @module */

import assert from 'node:assert/strict';
import {
  brierScore,
  calibrationBins,
  expectedCalibrationError,
  logLoss,
  multiclassLogLoss,
  topLabelCalibrationError,
} from '../../src/statistics/probabilities.js';
import { assertAllClose, assertClose, classificationCases } from './fixture.js';

const { binary, multiclass } = classificationCases();

describe('metrics of probabilities', () => {
  for (const { made, labels, scores, asProbabilities } of binary) {
    if (asProbabilities === undefined) continue;
    const { logLoss: loss, brierScore: brier, calibration } = asProbabilities;
    it(`agree with scikit-learn: ${made}`, () => {
      assertClose(logLoss(labels, scores), loss, 'log loss');
      assertClose(brierScore(labels, scores), brier, 'Brier score');
    });

    it(`bin probabilities as scikit-learn: ${made}`, () => {
      for (const { bins, counts, positiveShares, meanProbabilities, error } of calibration) {
        const found = calibrationBins(labels, scores, { bins });
        const column = (key: 'count' | 'positiveShare' | 'meanProbability'): number[] => found.map((bin) => bin[key]);
        assert.deepEqual(column('count'), counts);
        assertAllClose(column('positiveShare'), positiveShares, `positive share, ${bins} bins`);
        assertAllClose(column('meanProbability'), meanProbabilities, `mean probability, ${bins} bins`);
        assertClose(expectedCalibrationError(labels, scores, { bins }), error, `calibration error, ${bins} bins`);
      }
    });
  }

  for (const { made, classes, probabilities, ...expected } of multiclass) {
    it(`agree with scikit-learn: ${made}`, () => {
      assertClose(multiclassLogLoss(classes, probabilities), expected.logLoss, 'log loss');
      assertClose(topLabelCalibrationError(classes, probabilities), expected.calibration.error, 'calibration error');
    });
  }

  it('name the bounds of each bin', () => {
    const [bin] = calibrationBins([1], [0.3], { bins: 4 });
    assert.deepEqual(bin, { lower: 0.25, upper: 0.5, count: 1, meanProbability: 0.3, positiveShare: 1 });
  });

  it('refuse what is no probability or no distribution, by name', () => {
    assert.throws(() => logLoss([], []), new RangeError('labels must hold at least 1 value, got 0'));
    assert.throws(() => logLoss([1], [1.5]), /probabilities\[0\] must be between 0 and 1, got 1.5/);
    assert.throws(() => brierScore([1], [NaN]), /probabilities\[0\] must be between 0 and 1, got NaN/);
    assert.throws(() => calibrationBins([1], [0.5], { bins: 0 }), /bins must be a positive integer, got 0/);
    assert.throws(() => multiclassLogLoss([0, 1], [0.5, 0.5, 1]), /2 or more classes in each of 2 rows, got 3 values/);
    assert.throws(() => multiclassLogLoss([0], [0.5, 0.1]), /probabilities of row 0 must sum to 1, got 0.6/);
    assert.throws(() => multiclassLogLoss([2], [0.5, 0.5]), /classes\[0\] must be a class from 0 to 1, got 2/);
  });
});

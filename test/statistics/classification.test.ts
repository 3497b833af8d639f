/** Metrics of predicted classes against scikit-learn's. @module */

import assert from 'node:assert/strict';
import { accuracy, classScores, confusionMatrix, macroAverage } from '../../src/statistics/classification.js';
import { assertAllClose, assertClose, classificationCases } from './fixture.js';

const { binary, multiclass } = classificationCases();
const cases = [
  ...binary.map((each) => ({ ...each, actual: each.labels, classCount: 2 })),
  ...multiclass.map((each) => ({ ...each, actual: each.classes })),
];
const keys = ['precision', 'recall', 'f1'] as const;

describe('metrics of predicted classes', () => {
  for (const { made, actual, predicted, classCount, ...expected } of cases) {
    it(`agree with scikit-learn: ${made}`, () => {
      const matrix = confusionMatrix(actual, predicted, { classCount });
      assert.deepEqual(matrix, expected.confusionMatrix);
      assertClose(accuracy(matrix), expected.accuracy, 'accuracy');
      const scores = classScores(matrix);
      for (const key of keys) {
        const column = scores.map((score) => score[key]);
        assertAllClose(column, expected[key], key);
      }
    });
  }

  for (const { made, classes, predicted, classCount, macro } of multiclass) {
    it(`average over classes as scikit-learn: ${made}`, () => {
      const average = macroAverage(classScores(confusionMatrix(classes, predicted, { classCount })));
      for (const key of keys) assertClose(average[key], macro[key], key);
    });
  }

  it('refuse classes out of range and what counts nothing', () => {
    assert.throws(() => confusionMatrix([0], [2]), /predicted\[0\] must be a class from 0 to 1, got 2/);
    assert.throws(() => confusionMatrix([0.5], [1]), /actual\[0\] must be a class from 0 to 1, got 0.5/);
    assert.throws(() => accuracy([[0]]), /counts no observation/);
    assert.throws(() => macroAverage([]), /at least one class/);
  });
});

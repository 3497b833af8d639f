/** Ranking metrics against scikit-learn's. @module */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { averagePrecision, oneVersusRestRocAuc, rocAuc, rocCurve } from '../../src/statistics/ranking.js';
import { assertClose, classificationCases } from './fixture.js';

const { binary, multiclass } = classificationCases();

describe('ranking metrics', () => {
  for (const { made, labels, scores, ...expected } of binary) {
    if (expected.rocAuc !== undefined) {
      const auc = expected.rocAuc;
      it(`give scikit-learn's ROC AUC: ${made}`, () => {
        assertClose(rocAuc(labels, scores), auc, 'ROC AUC');
      });
    }
    if (expected.averagePrecision !== undefined) {
      const precision = expected.averagePrecision;
      it(`give scikit-learn's average precision: ${made}`, () => {
        assertClose(averagePrecision(labels, scores), precision, 'average precision');
      });
    }
  }

  for (const { made, classes, probabilities, ...expected } of multiclass) {
    if (expected.rocAuc === undefined) continue;
    const auc = expected.rocAuc;
    it(`give scikit-learn's one-versus-rest ROC AUC: ${made}`, () => {
      assertClose(oneVersusRestRocAuc(classes, probabilities), auc, 'ROC AUC');
    });
  }

  it('refuse what they cannot judge, by name', () => {
    assert.throws(() => rocAuc([1, 1], [0.1, 0.2]), /needs both classes, got 2 positives and 0 negatives/);
    assert.throws(() => oneVersusRestRocAuc([0, 0], [1, 0, 0.5, 0.5]), /needs both classes/);
    assert.throws(() => averagePrecision([0, 0], [0.1, 0.2]), /needs at least one positive label/);
    assert.throws(() => rocAuc([], []), new RangeError('labels must hold at least 1 value, got 0'));
    assert.throws(() => rocAuc([0, 1], [0.5]), /labels and scores must have the same length, got 2 and 1/);
    assert.throws(() => rocAuc([0, 1], [0.5, NaN]), /scores\[1\] must be finite, got NaN/);
    assert.throws(() => rocAuc([0, 2], [0.5, 0.5]), /labels\[1\] must be a class from 0 to 1, got 2/);
  });

  it('leave the caller’s values in their order', () => {
    const scores = new Float64Array([0.9, 0.1, 0.5]);
    rocAuc([1, 0, 1], scores);
    assert.deepEqual([...scores], [0.9, 0.1, 0.5]);
  });
});

describe('ROC AUC', () => {
  const sample = fc
    .array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: -20, max: 20 })), { minLength: 2, maxLength: 60 })
    .map((rows) => ({ labels: rows.map(([label]) => label), scores: rows.map(([, score]) => score) }))
    .filter(({ labels }) => new Set(labels).size === 2);

  it('is the share of pairs in the right order, ties counted half', () => {
    fc.assert(
      fc.property(sample, ({ labels, scores }) => {
        const positives = scores.filter((_, i) => labels[i] === 1);
        const negatives = scores.filter((_, i) => labels[i] === 0);
        const wins = positives.flatMap((p) => negatives.map((n) => (Math.sign(p - n) + 1) / 2));
        const share = wins.reduce((total, each) => total + each, 0) / wins.length;
        assertClose(rocAuc(labels, scores), share, 'ROC AUC');
      }),
    );
  });

  it('does not change under a rising map of the scores, and mirrors under a falling one', () => {
    fc.assert(
      fc.property(sample, ({ labels, scores }) => {
        const auc = rocAuc(labels, scores);
        const rising = scores.map((score) => Math.exp(score / 3));
        const falling = scores.map((score) => -score);
        assert.equal(rocAuc(labels, rising), auc);
        assertClose(rocAuc(labels, falling), 1 - auc, 'mirrored ROC AUC');
      }),
    );
  });
});

describe('rocCurve', () => {
  const area = (curve: ReturnType<typeof rocCurve>) =>
    curve.slice(1).reduce((total, { falsePositiveRate: x, truePositiveRate: y }, i) => {
      const last = curve[i]!;
      return total + ((x - last.falsePositiveRate) * (y + last.truePositiveRate)) / 2;
    }, 0);

  for (const { made, labels, scores, ...expected } of binary) {
    if (expected.rocAuc === undefined) continue;
    const auc = expected.rocAuc;
    it(`has scikit-learn's area under it: ${made}`, () => {
      assertClose(area(rocCurve(labels, scores, { points: scores.length + 1 })), auc, 'area');
    });
  }

  it('keeps its ends, its direction and almost its area with few points', () => {
    const scores = Float64Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 4999) / 4999);
    const labels = scores.map((score, i) => (score + ((i * 31) % 17) / 17 > 1 ? 1 : 0));
    const curve = rocCurve(labels, scores, { points: 50 });
    assert.ok(curve.length <= 50 && curve.length > 40);
    assert.deepEqual(curve[0], { threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 });
    assert.deepEqual([curve.at(-1)?.falsePositiveRate, curve.at(-1)?.truePositiveRate], [1, 1]);
    curve.slice(1).forEach((point, i) => {
      assert.ok(point.threshold < curve[i]!.threshold);
      assert.ok(point.falsePositiveRate >= curve[i]!.falsePositiveRate);
      assert.ok(point.truePositiveRate >= curve[i]!.truePositiveRate);
    });
    assert.ok(Math.abs(area(curve) - rocAuc(labels, scores)) < 1e-3);
  });

  it('refuses a single class', () => {
    assert.throws(() => rocCurve([1, 1], [0.1, 0.2]), /needs both classes/);
  });
});

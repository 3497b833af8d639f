/** The paired bootstrap against scipy's, on scipy's draws. @module */

import assert from 'node:assert/strict';
import { randomUint32 } from '../../src/data/philox.js';
import { pairedBootstrap } from '../../src/statistics/bootstrap.js';
import { logLoss } from '../../src/statistics/probabilities.js';
import { rocAuc } from '../../src/statistics/ranking.js';
import { resampledLogLoss, resampledMean, resampledRocAuc } from '../../src/statistics/resampled-metrics.js';
import { bootstrapCases } from './decision-fixtures.js';
import { assertClose } from './fixture.js';

const cases = bootstrapCases();
const random = (resample: number, out: Uint32Array) => randomUint32({ seed: 3, step: resample }, out);

describe('the paired bootstrap', () => {
  for (const [metric, resampled] of [
    ['rocAuc', resampledRocAuc],
    ['logLoss', resampledLogLoss],
  ] as const) {
    for (const { made, labels, first, second, draws, ...expected } of cases[metric]) {
      it(`has scipy's interval of a difference of ${metric}: ${made}`, () => {
        const result = pairedBootstrap({
          rows: labels.length,
          first: resampled(labels, first),
          second: resampled(labels, second),
          resamples: draws.length,
          confidence: expected.confidence,
          random: (resample, out) => {
            draws[resample]!.forEach((row, i) => (out[i] = Math.ceil((row * 2 ** 32) / labels.length)));
          },
        });
        assertClose(result.difference, expected.difference, 'difference');
        assertClose(result.lower, expected.interval[0], 'lower');
        assertClose(result.upper, expected.interval[1], 'upper');
        assert.equal(result.resamples, draws.length);
      });
    }
  }

  it('gives the same interval for the same random source', () => {
    const { labels, first, second } = cases.rocAuc[0]!;
    const interval = () =>
      pairedBootstrap({
        rows: labels.length,
        first: resampledRocAuc(labels, first),
        second: resampledRocAuc(labels, second),
        random,
      });
    assert.deepEqual(interval(), interval());
    assert.equal(interval().resamples, 1000);
  });

  it('leaves out and counts the resamples that have one class', () => {
    const labels = [1, 1, 1, 0];
    const metric = resampledRocAuc(labels, [0.1, 0.2, 0.4, 0.3]);
    const { resamples, undefinedResamples } = pairedBootstrap({ rows: 4, first: metric, second: metric, random });
    assert.equal(resamples + undefinedResamples, 1000);
    assert.ok(undefinedResamples > 250 && undefinedResamples < 400); // (3/4)^4 + (1/4)^4 = 0.32
  });

  it('refuses an interval that would rest on too little', () => {
    const never = () => undefined;
    assert.throws(
      () => pairedBootstrap({ rows: 2, first: never, second: never, random, resamples: 10 }),
      /defined on 0 of 10 resamples of 2 rows/,
    );
    const mean = resampledMean([1, 0]);
    assert.throws(() => pairedBootstrap({ rows: 0, first: mean, second: mean, random }), /rows must be 1 or more/);
    assert.throws(
      () => pairedBootstrap({ rows: 2, first: mean, second: mean, random, confidence: 1 }),
      /confidence must be between 0 and 1, got 1/,
    );
  });
});

describe('a metric of a resample', () => {
  it('is the metric of the rows written out', () => {
    const { labels, first } = cases.rocAuc[0]!;
    const counts = labels.map((_, row) => (row * 7) % 4);
    const written = labels.flatMap((_, row) => Array.from({ length: counts[row]! }, () => row));
    const [rowLabels, rowScores] = [written.map((row) => labels[row]!), written.map((row) => first[row]!)];
    assertClose(resampledRocAuc(labels, first)(counts), rocAuc(rowLabels, rowScores), 'ROC AUC');
    assertClose(resampledLogLoss(labels, first)(counts), logLoss(rowLabels, rowScores), 'log loss');
    assertClose(resampledMean([1, 2, 4])([1, 0, 3]), 13 / 4, 'mean');
  });
});

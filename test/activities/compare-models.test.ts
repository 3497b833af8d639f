/** `compare` on real Parquet in a real store. @module */
import assert from 'node:assert/strict';
import { compareModels } from '../../activities/compare-models.js';
import { compareStage } from '../../src/stages/compare.js';
import { attempt, datasetOf } from './evaluation-bench.js';
import { evaluation } from './evaluation-fixtures.js';
import { Flight, flights, modelOf } from './formula-tables.js';
import { TableBench } from './table-context.js';

const compareLate = compareModels(compareStage({ row: Flight, target: 'late' }));
const compareDelay = compareModels(compareStage({ row: Flight, target: 'delay', name: 'compareDelay' }));

describe('compareModels', () => {
  let bench: TableBench;
  before(async () => {
    bench = await TableBench.open();
  });
  after(() => bench.close());

  const dataset = () => datasetOf(bench, Flight, { fresh: flights(1000, 1240) });
  const classifier = () => modelOf(bench.store, Flight, ['score'], ['logit', 'probability']);
  /** Takes everything the other way round. */
  const contrary = () =>
    modelOf(bench.store, Flight, ['score'], ['logit', 'probability'], (ops, score) => ops.sub(1, score));

  it('says how much better one is on the rows of both, and how sure that is', async () => {
    const input = { challenger: await classifier(), champion: await contrary(), dataset: await dataset() };
    const { output, tracked } = await attempt(bench, compareLate, { ...input, groups: ['carrier'] });
    const { auc, logLoss } = evaluation.classification;
    assert.ok(auc !== null);
    assert.ok(Math.abs(output.challenger - auc) < 1e-6);
    assert.ok(Math.abs(output.champion - (1 - auc)) < 1e-6);
    assert.ok(Math.abs(output.gain - (2 * auc - 1)) < 1e-6);
    assert.ok(Math.abs((output.others['logLoss']?.challenger ?? 0) - logLoss) < 1e-6);
    const { lower, upper } = output.interval;
    assert.ok(lower > 0 && lower < output.gain && output.gain < upper && upper < 1);
    assert.deepEqual(
      output.groups.map(({ column, measure }) => [column, measure]),
      [
        ['carrier', 'share of positive answers'],
        ['carrier', 'error rates'],
      ],
    );
    assert.ok(output.latencyMs !== undefined && output.latencyMs.challenger > 0);
    assert.equal(tracked.metrics['gain'], output.gain);
  });

  it('finds no gain of a model over itself', async () => {
    const model = await classifier();
    const { output } = await attempt(bench, compareLate, {
      challenger: model,
      champion: model,
      dataset: await dataset(),
    });
    assert.deepEqual([output.gain, output.interval.lower, output.interval.upper], [0, 0, 0]);
  });

  it('judges regressors by their squared errors, where less is a gain', async () => {
    const predictor = () => modelOf(bench.store, Flight, ['score'], ['prediction']);
    const far = modelOf(bench.store, Flight, ['score'], ['prediction'], (ops, score) => ops.add(500, score));
    const input = { challenger: await predictor(), champion: await far, dataset: await dataset() };
    const { output } = await attempt(bench, compareDelay, input);
    assert.equal(output.metric, 'rmse');
    assert.ok(Math.abs(output.challenger - evaluation.regression.rmse) < 1e-3);
    assert.ok(output.gain > 100 && output.interval.lower > 0);
  });

  it('compares nothing where no row has a label, or all have the same', async () => {
    const model = await classifier();
    const none = await datasetOf(bench, Flight, {
      fresh: `SELECT * REPLACE (NULL::BOOLEAN AS late) FROM (${flights(0, 40)})`,
    });
    await assert.rejects(attempt(bench, compareLate, { challenger: model, champion: model, dataset: none }), {
      code: 'TY2042',
    });
    const same = await datasetOf(bench, Flight, { fresh: `SELECT * REPLACE (true AS late) FROM (${flights(0, 40)})` });
    await assert.rejects(attempt(bench, compareLate, { challenger: model, champion: model, dataset: same }), {
      code: 'TY2042',
    });
  });
});

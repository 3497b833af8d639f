/** `evaluate` on real Parquet in a real store, against scikit-learn's numbers. @module */
import assert from 'node:assert/strict';
import { evaluateModel } from '../../activities/evaluate-model.js';
import { ModelVersion, modelVersionOf } from '../../src/contracts/model-version.js';
import { evaluateStage } from '../../src/stages/evaluate.js';
import { ClassificationReport, RegressionReport } from '../../src/stages/evaluation-report.js';
import { attempt, datasetOf, reportOf } from './evaluation-bench.js';
import { assertMatches, evaluation } from './evaluation-fixtures.js';
import { Flight, flights, modelOf } from './formula-tables.js';
import { TableBench } from './table-context.js';

const evaluateLate = evaluateModel(evaluateStage({ row: Flight, target: 'late' }));
const evaluateDelay = evaluateModel(evaluateStage({ row: Flight, target: 'delay', name: 'evaluateDelay' }));

describe('evaluateModel', () => {
  let bench: TableBench;
  before(async () => {
    bench = await TableBench.open();
  });
  after(() => bench.close());

  const dataset = () => datasetOf(bench, Flight, { train: flights(0, 300), test: flights(1000, 1240) });
  const classifier = () => modelOf(bench.store, Flight, ['score'], ['logit', 'probability']);

  it('gives scikit-learn’s metrics of a classifier, by slice, and of the baseline', async () => {
    const input = { model: await classifier(), dataset: await dataset(), baseline: { by: ['hour' as const] } };
    const { output, tracked } = await attempt(bench, evaluateLate, { ...input, slices: ['carrier', 'delay'] });
    const report = await reportOf(bench, output.report, ClassificationReport);
    const { auc, prAuc, logLoss, accuracy, f1, brier, calibrationError, rows } = evaluation.classification;
    assertMatches(output, { auc, prAuc, logLoss, accuracy, f1, brier, calibrationError, rows }, 'output');
    assertMatches(output.baselineAuc, evaluation.baseline.auc, 'baseline AUC');
    assertMatches(report.metrics, evaluation.classification, 'metrics');
    assertMatches(
      report.baseline,
      { by: ['hour'], trainSplit: 'train', groups: 24, metrics: evaluation.baseline },
      'baseline',
    );
    assert.equal(report.unlabelledRows, evaluation.unlabelledRows);

    const byCarrier = report.slices.filter(({ column }) => column === 'carrier');
    assert.deepEqual(byCarrier.map(({ value }) => value).sort(), ['AA', 'DL', 'UA', 'ZZ', 'missing']);
    for (const slice of byCarrier) assertMatches(slice, evaluation.byCarrier[slice.value], slice.value);
    const [low, middle, high] = evaluation.delayQuartiles;
    const names = [`≤ ${low}`, `> ${low}, ≤ ${middle}`, `> ${middle}, ≤ ${high}`, `> ${high}`];
    const byDelay = report.slices.filter(({ column }) => column === 'delay');
    for (const [k, name] of names.entries())
      assertMatches(
        byDelay.find(({ value }) => value === name),
        evaluation.byDelay[k],
        name,
      );

    assert.equal(tracked.metrics['auc'], output.auc);
    assert.deepEqual(Object.keys(tracked.figures), ['roc', 'calibration']);
    assert.deepEqual(bench.progress.at(-1), { done: 540, total: 540, unit: 'rows' });
  });

  it('says why a slice with one class has no AUC', async () => {
    const { output } = await attempt(bench, evaluateLate, {
      model: await classifier(),
      dataset: await dataset(),
      slices: ['carrier'],
    });
    const report = await reportOf(bench, output.report, ClassificationReport);
    const slice = report.slices.find(({ value }) => value === 'ZZ');
    assert.equal(slice?.auc, null);
    assert.equal(slice.prAuc, null);
    assert.equal(slice.undefinedBecause, 'there are only negatives');
    assert.equal(slice.rows, 48);
  });

  it('leaves a ROC curve and calibration bins', async () => {
    const { output } = await attempt(bench, evaluateLate, { model: await classifier(), dataset: await dataset() });
    const report = await reportOf(bench, output.report, ClassificationReport);
    assert.ok(report.roc.length <= 200);
    const [first, last] = [report.roc[0], report.roc.at(-1)];
    assert.deepEqual(first, { threshold: null, falsePositiveRate: 0, truePositiveRate: 0 });
    assert.deepEqual([last?.falsePositiveRate, last?.truePositiveRate], [1, 1]);
    const known = new Set(evaluation.roc.map(([x, y]) => `${x.toFixed(9)} ${y.toFixed(9)}`));
    for (const { falsePositiveRate: x, truePositiveRate: y } of report.roc)
      assert.ok(known.has(`${x.toFixed(9)} ${y.toFixed(9)}`), `(${x}, ${y}) is on scikit-learn’s curve`);
    assert.equal(
      report.calibration.reduce((total, { count }) => total + count, 0),
      output.rows,
    );
  });

  it('gives scikit-learn’s metrics of a regressor, and of the baseline', async () => {
    const model = await modelOf(bench.store, Flight, ['score'], ['prediction']);
    const { output } = await attempt(bench, evaluateDelay, {
      model,
      dataset: await dataset(),
      baseline: { by: ['hour'] },
    });
    const report = await reportOf(bench, output.report, RegressionReport);
    const { rmse, mae, r2 } = evaluation.regression;
    assertMatches(output, { rmse, mae, r2, rows: 240, baselineRmse: evaluation.regressionBaseline.rmse }, 'output');
    assertMatches(report.metrics, evaluation.regression, 'metrics');
    assertMatches(report.baseline.metrics, evaluation.regressionBaseline, 'baseline');
  });

  it('gives the same report for the same input', async () => {
    const input = { model: await classifier(), dataset: await dataset(), slices: ['hour' as const] };
    const [first, second] = [await attempt(bench, evaluateLate, input), await attempt(bench, evaluateLate, input)];
    const { latencyMs, baselineAuc } = first.output;
    assert.deepEqual(second.output, { ...first.output, latencyMs: second.output.latencyMs });
    assert.equal(baselineAuc, 0.5);
    assert.ok(latencyMs !== undefined && latencyMs.p50 > 0 && latencyMs.p95 >= latencyMs.p50);
  });

  it('gives a version of the registry its report, its figures and its latency', async () => {
    const model = await classifier();
    const { output } = await attempt(bench, evaluateLate, { model, dataset: await dataset() });
    const { report, metrics, latencyMs } = ModelVersion.parse(modelVersionOf({ model, evaluation: output }));
    assert.equal(report?.sha256, output.report.sha256);
    const names = ['accuracy', 'auc', 'baselineAuc', 'brier', 'calibrationError', 'f1', 'logLoss', 'prAuc'];
    assert.deepEqual(Object.keys(metrics).sort(), names);
    assert.deepEqual(latencyMs, output.latencyMs);
  });

  it('refuses a split that is empty, or that the dataset lacks', async () => {
    const model = await classifier();
    const empty = await datasetOf(bench, Flight, { train: flights(0, 300), test: flights(0, 0) });
    await assert.rejects(attempt(bench, evaluateLate, { model, dataset: empty }), {
      code: 'TY2041',
      message: /^the split "test" is empty; it has train, test\. /,
    });
    await assert.rejects(attempt(bench, evaluateLate, { model, dataset: await dataset(), split: 'may' }), {
      code: 'TY2041',
      message: /^the dataset has no split "may"; it has train, test\. /,
    });
  });

  it('refuses a split with one class or without labels', async () => {
    const model = await classifier();
    const late = (select: string, label: string) => `SELECT * REPLACE (${label} AS late) FROM (${select})`;
    const parts = { train: flights(0, 300), test: late(flights(1000, 1240), 'false') };
    await assert.rejects(attempt(bench, evaluateLate, { model, dataset: await datasetOf(bench, Flight, parts) }), {
      code: 'TY2042',
      message: /^in the split "test" there are only negatives: no AUC/,
    });
    const unlabelled = { train: flights(0, 300), test: late(flights(1000, 1240), 'NULL::BOOLEAN') };
    await assert.rejects(attempt(bench, evaluateLate, { model, dataset: await datasetOf(bench, Flight, unlabelled) }), {
      code: 'TY2042',
      message: /^no row of the split "test" has a label/,
    });
  });

  it('refuses, before anything is read, a dataset without a column, a slice that is no column, another target', async () => {
    const { input } = evaluateLate.contract;
    const good = { model: await classifier(), dataset: await dataset() };
    const lacking = await datasetOf(bench, Flight, { test: flights(0, 10) }, ['hour']);
    assert.match(
      input.safeParse({ ...good, dataset: lacking }).error?.message ?? '',
      /the dataset lacks hour \(integer\)/,
    );
    assert.equal(input.safeParse({ ...good, slices: ['gate'] }).success, false);
    assert.equal(input.safeParse({ ...good, target: 'delay' }).success, false);
    assert.throws(() => evaluateStage({ row: Flight, target: 'carrier' }), { code: 'TY2040' });
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('drained'));
    const input = { model: await classifier(), dataset: await dataset() };
    await assert.rejects(attempt(bench, evaluateLate, input, signal), /drained/);
  });
});

/** `monitor` on real Parquet in a real store, against scipy's numbers. @module */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import { monitorBatch } from '../../activities/monitor-batch.js';
import { DriftReport } from '../../src/stages/drift-report.js';
import { monitorStage } from '../../src/stages/monitor.js';
import { attempt, datasetOf, reportOf } from './evaluation-bench.js';
import { assertMatches, monitoring } from './evaluation-fixtures.js';
import { Flight, flights, modelOf, Weather, weather } from './formula-tables.js';
import { TableBench } from './table-context.js';

const monitor = monitorBatch(monitorStage({ row: Weather, target: 'late' }));
const features = ['temperature', 'wind', 'gust', 'carrier', 'origin', 'snow', 'score'] as const;

describe('monitorBatch', () => {
  let bench: TableBench;
  before(async () => {
    bench = await TableBench.open();
  });
  after(() => bench.close());

  const classifier = () => modelOf(bench.store, Weather, features, ['logit', 'probability']);
  const table = (split: string, select: string, without: readonly string[] = []) =>
    datasetOf(bench, Weather, { [split]: select }, without);
  const reference = async () => ({ dataset: await table('train', weather(0, 1200, false)) });
  const batchOf = async (select: string, without: readonly string[] = []) => ({
    dataset: await table('july', select, without),
    split: 'july',
  });

  async function monitored(select: string, more: { baseline?: { by: ('carrier' | 'origin')[] } } = {}) {
    const input = { model: await classifier(), reference: await reference(), batch: await batchOf(select), ...more };
    const { output, tracked } = await attempt(bench, monitor, input);
    return { output, tracked, report: await reportOf(bench, output.report, DriftReport) };
  }

  const byName = (report: z.output<typeof DriftReport>) => new Map(report.columns.map((one) => [one.column, one]));

  it('gives scipy’s measures of every column, its missing values counted apart', async () => {
    const { report } = await monitored(weather(5000, 6100, true));
    const columns = byName(report);
    assert.deepEqual([...columns.keys()], features);
    for (const [name, expected] of Object.entries(monitoring.later.columns))
      assertMatches(columns.get(name), expected, name);
    for (const [name, expected] of Object.entries(monitoring.later.missing))
      assertMatches(columns.get(name)?.missing, expected, `missing values of ${name}`);
    assert.deepEqual(columns.get('temperature')?.batch, { values: 1078, missing: 22, missingShare: 0.02 });
    assertMatches(report.prediction, monitoring.later.columns['score'], 'prediction');
    for (const column of report.columns)
      for (const side of ['reference', 'batch'] as const)
        assertMatches(
          column.shares.reduce((total, share) => total + share[side], 0),
          1,
          `shares of ${column.column}`,
        );
  });

  it('lets effect sizes decide above a thousand values, and only shows p-values', async () => {
    const { output, report } = await monitored(weather(5000, 6100, true));
    const columns = byName(report);
    assert.equal(output.verdict, 'drift');
    assert.deepEqual(output.driftedColumns, ['temperature', 'gust', 'carrier', 'snow', 'score']);
    assertMatches(output.worst, { column: 'carrier', psi: monitoring.later.columns['carrier']?.psi }, 'worst');
    assert.equal(columns.get('temperature')?.decidedBy, 'effect sizes');
    assert.deepEqual(columns.get('temperature')?.reasons, [
      'Wasserstein/σ 1.33 ≥ 0.1',
      'Jensen–Shannon 0.522 ≥ 0.1',
      'PSI 2.82 ≥ 0.2',
    ]);
    // Only its missing values moved: the 440 others are too few for effect sizes, and their test is content.
    assert.equal(columns.get('gust')?.decidedBy, 'p-values');
    assert.deepEqual(columns.get('gust')?.reasons, [
      'missing values: Jensen–Shannon 0.258 ≥ 0.1',
      'missing values: PSI 0.376 ≥ 0.2',
    ]);
    // Significant (p = 0.0125) and yet small.
    assert.equal(report.label?.drift.drifted, false);
    assert.ok((report.label.drift.chiSquare?.pValue ?? 1) < 0.05);
    assert.match(output.reasons[0] ?? '', /^5 of 7 columns drifted/);
    assert.match(output.reasons[1] ?? '', /^the model's answers drifted/);
  });

  it('lets p-values decide up to a thousand values', async () => {
    const { report, output } = await monitored(weather(5000, 5300, true));
    const columns = byName(report);
    for (const [name, expected] of Object.entries(monitoring.few.columns)) {
      assertMatches(columns.get(name), expected, name);
      const p = expected.kolmogorovSmirnov?.pValue ?? expected.chiSquare?.pValue ?? 1;
      const missing = monitoring.few.missing[name]?.pValue ?? 1;
      assert.equal(columns.get(name)?.drifted, p < 0.05 || missing < 0.05, name);
      assert.equal(columns.get(name)?.decidedBy, 'p-values');
    }
    assert.equal(output.verdict, 'drift');
  });

  it('calls more of the same stable', async () => {
    const { output } = await monitored(weather(1200, 2400, false));
    assert.deepEqual(
      { verdict: output.verdict, reasons: output.reasons, driftedColumns: output.driftedColumns },
      { verdict: 'stable', reasons: [], driftedColumns: [] },
    );
  });

  it('tells label shift, accuracy, calibration shift and the naive baseline where there are labels', async () => {
    const { output, report, tracked } = await monitored(weather(5000, 6100, true), { baseline: { by: ['carrier'] } });
    const { label, referencePerformance: before, batchPerformance: after, naive } = monitoring.later;
    assertMatches(report.label?.drift, { ...label, referenceMean: undefined, batchMean: undefined }, 'label');
    assertMatches(report.label, { referenceMean: label.referenceMean, batchMean: label.batchMean }, 'label');
    assertMatches(report.performance?.reference.metrics, before, 'reference');
    assertMatches(report.performance?.batch.metrics, after, 'batch');
    assertMatches(report.performance?.naive, { by: ['carrier'], groups: 3, performance: { metrics: naive } }, 'naive');
    const numbers = {
      labelShift: label.batchMean - label.referenceMean,
      calibrationShift: after.calibrationError - before.calibrationError,
      auc: after.auc,
      naiveAuc: naive.auc,
    };
    assertMatches(output, numbers, 'output');
    assertMatches(tracked.metrics, { ...numbers, driftedColumns: 5 }, 'tracked');
    assert.deepEqual(Object.keys(tracked.figures), ['drift']);
  });

  it('does without labels, whether the column is missing or empty', async () => {
    const model = await classifier();
    const bare = weather(5000, 6100, true, ['late']);
    const batches = [await batchOf(bare, ['late']), await batchOf(`SELECT *, NULL::BOOLEAN AS late FROM (${bare})`)];
    for (const batch of batches) {
      const input = { model, reference: await reference(), batch, baseline: { by: ['carrier' as const] } };
      const { output } = await attempt(bench, monitor, input);
      assert.equal(output.verdict, 'drift');
      for (const name of ['labelShift', 'calibrationShift', 'auc', 'naiveAuc', 'rmse', 'naiveRmse'] as const)
        assert.equal(output[name], undefined, name);
    }
  });

  it('compares what missing values there are when a column has nothing else', async () => {
    const { report } = await monitored(
      `SELECT * REPLACE (NULL::DOUBLE AS temperature) FROM (${weather(5000, 6100, true)})`,
    );
    const temperature = byName(report).get('temperature');
    assert.equal(temperature?.decidedBy, 'missing values');
    assert.equal(temperature.psi, null);
    assert.equal(temperature.kolmogorovSmirnov, null);
    assert.deepEqual(temperature.batch, { values: 0, missing: 1100, missingShare: 1 });
    assert.equal(temperature.drifted, true);
  });

  it('monitors a regressor by its errors', async () => {
    const monitorDelay = monitorBatch(monitorStage({ row: Flight, target: 'delay', name: 'monitorDelay' }));
    const dataset = await datasetOf(bench, Flight, { train: flights(0, 300), later: flights(1000, 1240) });
    const model = await modelOf(bench.store, Flight, ['score'], ['prediction']);
    const input = {
      model,
      reference: { dataset },
      batch: { dataset, split: 'later' },
      baseline: { by: ['hour' as const] },
    };
    const { output } = await attempt(bench, monitorDelay, input);
    assert.equal(output.verdict, 'stable');
    assertMatches(output, { rmse: 69.05496841855738, auc: undefined }, 'output');
    assert.ok((output.naiveRmse ?? Infinity) < (output.rmse ?? 0));
  });

  it('obeys thresholds and the choice of columns', async () => {
    const input = {
      model: await classifier(),
      reference: await reference(),
      batch: await batchOf(weather(5000, 6100, true)),
    };
    const lenient = { wasserstein: 2, jensenShannon: 0.9, psi: 9, driftedShare: 1 };
    const calm = await attempt(bench, monitor, { ...input, columns: ['temperature', 'wind'], thresholds: lenient });
    assert.deepEqual(calm.output.driftedColumns, []);
    assert.equal(calm.output.verdict, 'stable');
    assert.deepEqual(calm.output.worst.column, 'temperature');
  });

  it('is a contract violation when the batch lacks a column, and an error when its split has no rows', async () => {
    const good = { model: await classifier(), reference: await reference() };
    const lacking = await batchOf(weather(5000, 5010, true, ['wind']), ['wind']);
    const refused = monitor.contract.input.safeParse({ ...good, batch: lacking });
    assert.match(refused.error?.message ?? '', /the dataset lacks wind \(number\)/);
    // A column that may be null may be missing too, as far as types go; a model that reads it cannot do without.
    const without = await batchOf(weather(5000, 5010, true, ['gust']), ['gust']);
    await assert.rejects(attempt(bench, monitor, { ...good, batch: without }), {
      code: 'TY1005',
      message: /^the dataset of the split "july" lacks the column "gust"/,
    });
    const empty = await batchOf(weather(0, 0, true));
    await assert.rejects(attempt(bench, monitor, { ...good, batch: empty }), { code: 'TY2041' });
  });
});

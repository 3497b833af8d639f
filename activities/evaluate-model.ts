/** Implements `evaluate`: scores a split, and reports metrics over all of it, by slice, and of the baseline. @module */
import { setImmediate } from 'node:timers/promises';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { EvaluateContract, EvaluateInput, Evaluation } from '../src/stages/evaluate.js';
import type { ClassificationReport, RegressionReport } from '../src/stages/evaluation-report.js';
import { taskOfModel } from '../src/stages/task.js';
import { calibrationBins } from '../src/statistics/probabilities.js';
import { rocCurve } from '../src/statistics/ranking.js';
import type { ContextOf } from '../src/trainer/define-trainer.js';
import { openScorer } from '../src/training/scorer.js';
import { implementFamily } from './implement-family.js';
import { calibrationFigure, rocFigure } from './evaluation/figures.js';
import type { GroupBaseline } from './evaluation/group-baseline.js';
import { numbersOf } from './evaluation/kept-column.js';
import { labelledRows, pick } from './evaluation/labelled-rows.js';
import { classificationMetrics, regressionMetrics } from './evaluation/prediction-metrics.js';
import { putReport } from './evaluation/put-report.js';
import { rowLatencies } from './evaluation/row-latencies.js';
import { columnNamed, RowReader, rowsOf } from './evaluation/row-reader.js';
import { fitBaseline, readScored, type ScoredRows } from './evaluation/scored-rows.js';
import { slicesOf } from './evaluation/slices.js';

type EvaluateContext = ContextOf<EvaluateContract>;

/**
 * The stage `evaluate` of a contract made by `evaluateStage`. Reads the split once and keeps labels, predictions and the
 * columns of the slices in memory (24 bytes a row and 4 to 8 more for each of these columns): metrics are of all rows,
 * never of a sample.
 */
export function evaluateModel<Contract extends EvaluateContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<EvaluateContract, Contract>(contract, evaluate);
}

async function evaluate(context: EvaluateContext): Promise<Evaluation> {
  const { input, artifacts } = context;
  const tested = { dataset: input.dataset, split: input.split };
  const trained = { dataset: input.dataset, split: input.trainSplit };
  const reader = new RowReader(context, rowsOf(trained) + rowsOf(tested));
  const baseline = await fitBaseline(reader, trained, input.baseline.by, input.target);
  if (baseline.rows === 0) throw new TrainyardError('TY2042', `no row of the split "${trained.split}" has a label`);
  const scorer = await openScorer(artifacts.store, input.model, { threads: 1 });
  try {
    const rows = await readScored(reader, tested, { scorer, baseline, keep: [input.target, ...input.slices] });
    const report = taskOfModel(input.model) === 'classification' ? reportClassification : reportRegression;
    const evaluation = await report(context, rows, baseline);
    const latencies = await rowLatencies(context, tested, { model: input.model });
    return { ...evaluation, ...(latencies && { latencyMs: latencies.model }) };
  } finally {
    await scorer.release();
  }
}

async function reportClassification(context: EvaluateContext, rows: ScoredRows, baseline: GroupBaseline) {
  const { input, track } = context;
  const { labels, predictions, findings } = await measure(input, rows, baseline, (actual, probabilities) =>
    classificationMetrics(actual, probabilities, input.threshold),
  );
  const { auc, prAuc, logLoss, accuracy, f1, brier, calibrationError, undefinedBecause } = findings.metrics;
  const baselineAuc = findings.baseline.metrics.auc;
  if (auc === null || prAuc === null || baselineAuc === null)
    throw new TrainyardError('TY2042', `in the split "${input.split}" ${undefinedBecause ?? 'the classes'}: no AUC`);
  const report: ClassificationReport = {
    ...findings,
    task: 'classification',
    threshold: input.threshold,
    calibration: calibrationBins(labels, predictions),
    roc: rocCurve(labels, predictions).map((point, i) => (i === 0 ? { ...point, threshold: null } : point)),
  };
  await track.figure('roc', rocFigure(report.roc, auc));
  await track.figure('calibration', calibrationFigure(report.calibration, calibrationError));
  const numbers = { auc, prAuc, logLoss, accuracy, f1, brier, calibrationError, baselineAuc };
  track.metrics(numbers, { step: 0 });
  return { ...numbers, rows: labels.length, report: await putReport(context.artifacts, report) };
}

async function reportRegression(context: EvaluateContext, rows: ScoredRows, baseline: GroupBaseline) {
  const { input, track } = context;
  const { labels, findings } = await measure(input, rows, baseline, regressionMetrics);
  const { rmse, mae, r2 } = findings.metrics;
  if (r2 === null) throw new TrainyardError('TY2042', `the split "${input.split}" has a single row: no R²`);
  const report: RegressionReport = { ...findings, task: 'regression' };
  const numbers = { rmse, mae, r2, baselineRmse: findings.baseline.metrics.rmse };
  track.metrics(numbers, { step: 0 });
  return { ...numbers, rows: labels.length, report: await putReport(context.artifacts, report) };
}

/** The metrics of all labelled rows, of each slice, and of the baseline: what the reports of both tasks share. */
async function measure<Metrics>(
  input: EvaluateInput,
  rows: ScoredRows,
  baseline: GroupBaseline,
  metricsOf: (labels: Float64Array, predictions: Float64Array) => Metrics | Promise<Metrics>,
) {
  const known = numbersOf(rows.column(input.target));
  const labelled = labelledRows(known);
  if (labelled.length === 0) throw new TrainyardError('TY2042', `no row of the split "${input.split}" has a label`);
  const labels = pick(known, labelled);
  const predictions = pick(rows.predictions, labelled);
  const slices: (Metrics & { column: string; value: string })[] = [];
  let slicesLeftOut = 0;
  for (const name of input.slices) {
    const found = slicesOf(columnNamed(input, name).type, rows.column(name));
    slicesLeftOut += found.leftOut;
    for (const { value, rows: members } of found.slices) {
      const chosen = labelledRows(known, members);
      if (chosen.length === 0) continue;
      slices.push({ column: name, value, ...(await metricsOf(pick(known, chosen), pick(rows.predictions, chosen))) });
      await setImmediate();
    }
  }
  const findings = {
    version: 1 as const,
    model: input.model.sha256,
    dataset: input.dataset.sha256,
    split: input.split,
    target: input.target,
    unlabelledRows: rows.total - labelled.length,
    metrics: await metricsOf(labels, predictions),
    baseline: {
      by: [...baseline.by],
      trainSplit: input.trainSplit,
      groups: baseline.size,
      metrics: await metricsOf(labels, pick(rows.naive, labelled)),
    },
    slices,
    slicesLeftOut,
  };
  return { labels, predictions, findings };
}

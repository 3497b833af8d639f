/** What known labels tell about a batch: label shift, how well the model does, calibration shift, the naive baseline. @module */
import type { Column } from '../../src/contracts/columns.js';
import type { DriftReport, DriftThresholds, Performance } from '../../src/stages/drift-report.js';
import type { Task } from '../../src/stages/task.js';
import { calibrationBins } from '../../src/statistics/probabilities.js';
import type { GroupBaseline } from '../evaluation/group-baseline.js';
import { numbersOf } from '../evaluation/kept-column.js';
import { labelledRows, pick } from '../evaluation/labelled-rows.js';
import { classificationMetrics, regressionMetrics } from '../evaluation/prediction-metrics.js';
import type { ScoredRows } from '../evaluation/scored-rows.js';
import { compareColumn } from './column-drift.js';

/** A probability above it counts as positive. */
const threshold = 0.5;

/** Compares the labelled rows of both sides, each of which has kept the target; nothing where one side has no labels. */
export async function compareLabels(
  task: Task,
  target: Column,
  reference: ScoredRows,
  batch: ScoredRows,
  thresholds: DriftThresholds,
  baseline: GroupBaseline | undefined,
): Promise<Pick<DriftReport, 'label' | 'performance'>> {
  const [before, after] = [labelled(reference, target.name), labelled(batch, target.name)];
  if (before.labels.length === 0 || after.labels.length === 0) return {};
  const referenceMean = mean(before.labels);
  const batchMean = mean(after.labels);
  const drift = await compareColumn(target, reference.column(target.name), batch.column(target.name), thresholds);
  const performance = {
    reference: await performanceOf(task, before.labels, pick(reference.predictions, before.rows)),
    batch: await performanceOf(task, after.labels, pick(batch.predictions, after.rows)),
  };
  const naive = baseline && {
    by: [...baseline.by],
    groups: baseline.size,
    performance: await performanceOf(task, after.labels, pick(batch.naive, after.rows)),
  };
  return {
    label: { drift, referenceMean, batchMean, shift: batchMean - referenceMean },
    performance: { ...performance, ...calibrationShift(performance), ...(naive && { naive }) },
  };
}

function labelled(side: ScoredRows, target: string): { labels: Float64Array; rows: Int32Array } {
  const known = numbersOf(side.column(target));
  const rows = labelledRows(known);
  return { labels: pick(known, rows), rows };
}

async function performanceOf(task: Task, labels: Float64Array, answers: Float64Array): Promise<Performance> {
  if (task === 'regression') return { task, metrics: regressionMetrics(labels, answers) };
  return {
    task,
    metrics: await classificationMetrics(labels, answers, threshold),
    calibration: calibrationBins(labels, answers),
  };
}

function calibrationShift(sides: { reference: Performance; batch: Performance }): { calibrationShift?: number } {
  const { reference, batch } = sides;
  if (reference.task !== 'classification' || batch.task !== 'classification') return {};
  return { calibrationShift: batch.metrics.calibrationError - reference.metrics.calibrationError };
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Implements `monitor`: a later batch against a model's reference, column by column, with labels where they exist. @module */
import type { StageImplementation } from '../src/activity/implement-stage.js';
import type { ColumnDrift, DriftReport, DriftThresholds } from '../src/stages/drift-report.js';
import type { MonitorContract, Monitoring } from '../src/stages/monitor.js';
import { answerColumn, taskOfModel } from '../src/stages/task.js';
import type { ContextOf } from '../src/trainer/define-trainer.js';
import { openScorer } from '../src/training/scorer.js';
import { implementFamily } from './implement-family.js';
import { compareColumn } from './drift/column-drift.js';
import { driftFigure } from './drift/figure.js';
import { compareLabels } from './drift/labels.js';
import { putReport } from './evaluation/put-report.js';
import { columnNamed, RowReader, rowsOf, type Split } from './evaluation/row-reader.js';
import { fitBaseline, readScored, type ScoredRows } from './evaluation/scored-rows.js';

type MonitorContext = ContextOf<MonitorContract>;

/** Rows of each side that are compared at most, and values: 128 MB of numbers. Larger tables are sampled. */
const most = { rows: 1_000_000, values: 16_000_000 } as const;

/**
 * The stage `monitor` of a contract made by `monitorStage`. Each side is read once; of more than a million rows (fewer
 * with more than 16 columns) a repeatable sample is compared, and the report says so.
 */
export function monitorBatch<Contract extends MonitorContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<MonitorContract, Contract>(contract, monitor);
}

async function monitor(context: MonitorContext): Promise<Monitoring> {
  const { input, artifacts, track } = context;
  const { thresholds } = input;
  const task = taskOfModel(input.model);
  const names = input.columns ?? input.model.inputs.map(({ name }) => name);
  const { reference, batch, labelled, baseline } = await readSides(context, names);

  const columns: ColumnDrift[] = [];
  for (const name of names) {
    const column = columnNamed(input.reference, name);
    columns.push(await compareColumn(column, reference.column(name), batch.column(name), thresholds));
  }
  const prediction = await compareColumn(
    { name: answerColumn[task], type: 'number' },
    { kind: 'numbers', values: reference.predictions },
    { kind: 'numbers', values: batch.predictions },
    thresholds,
  );
  const target = columnNamed(input.reference, input.target);
  const labels = labelled ? await compareLabels(task, target, reference, batch, thresholds, baseline) : {};

  const drifted = columns.filter((column) => column.drifted).map(({ column }) => column);
  const reasons = reasonsOf(drifted.length, columns.length, prediction, thresholds);
  const verdict = reasons.length > 0 ? 'drift' : 'stable';
  const report: DriftReport = {
    version: 1,
    model: input.model.sha256,
    reference: about(input.reference, reference),
    batch: about(input.batch, batch),
    thresholds,
    verdict,
    reasons,
    columns,
    prediction,
    ...labels,
  };
  const worst = worstOf(columns);
  const numbers = decisiveNumbers(labels);
  await track.figure('drift', driftFigure(columns, thresholds.psi));
  track.metrics({ driftedColumns: drifted.length, worstPsi: worst.psi, ...known(numbers) }, { step: 0 });
  const answers = { drifted: prediction.drifted, psi: prediction.psi ?? 0 };
  const found = { verdict, reasons, driftedColumns: drifted, worst, prediction: answers, ...numbers } as const;
  return { ...found, report: await putReport(artifacts, report) };
}

/** Reads and scores both sides, and fits the naive baseline on the reference where one is asked for. */
async function readSides(context: MonitorContext, columns: readonly string[]) {
  const { input, artifacts } = context;
  const { target } = input;
  const labelled = input.batch.dataset.columns.some(({ name }) => name === target);
  const passes =
    input.baseline && labelled ? [input.reference, input.reference, input.batch] : [input.reference, input.batch];
  const reader = new RowReader(
    context,
    passes.reduce((total, side) => total + rowsOf(side), 0),
  );
  const baseline =
    input.baseline && labelled ? await fitBaseline(reader, input.reference, input.baseline.by, target) : undefined;
  const keep = labelled ? [...columns, target] : columns;
  const rowLimit = Math.min(most.rows, Math.floor(most.values / (keep.length + 2)));
  const scorer = await openScorer(artifacts.store, input.model, { threads: 1 });
  try {
    const reference = await readScored(reader, input.reference, { scorer, keep, rowLimit });
    const batch = await readScored(reader, input.batch, { scorer, keep, rowLimit, baseline });
    return { reference, batch, labelled, baseline };
  } finally {
    await scorer.release();
  }
}

function about({ dataset, split }: Split, side: ScoredRows): DriftReport['reference'] {
  return { dataset: dataset.sha256, split, rows: side.total, comparedRows: side.predictions.length };
}

function reasonsOf(drifted: number, all: number, prediction: ColumnDrift, { driftedShare }: DriftThresholds): string[] {
  const reasons: string[] = [];
  if (drifted / all >= driftedShare)
    reasons.push(`${drifted} of ${all} columns drifted: a share of at least ${driftedShare}`);
  if (prediction.drifted) reasons.push(`the model's answers drifted: ${prediction.reasons.join(', ')}`);
  return reasons;
}

function worstOf(columns: readonly ColumnDrift[]): Monitoring['worst'] {
  const indices = columns.map(({ column, psi, missing }) => ({ column, psi: Math.max(psi ?? 0, missing.psi) }));
  return indices.reduce((worst, one) => (one.psi > worst.psi ? one : worst));
}

/** The numbers that a pipeline decides by; those that need labels are undefined without them. */
function decisiveNumbers({ label, performance }: Pick<DriftReport, 'label' | 'performance'>) {
  const batch = performance?.batch;
  const naive = performance?.naive?.performance;
  return {
    labelShift: label?.shift,
    calibrationShift: performance?.calibrationShift,
    auc: batch?.task === 'classification' ? (batch.metrics.auc ?? undefined) : undefined,
    naiveAuc: naive?.task === 'classification' ? (naive.metrics.auc ?? undefined) : undefined,
    rmse: batch?.task === 'regression' ? batch.metrics.rmse : undefined,
    naiveRmse: naive?.task === 'regression' ? naive.metrics.rmse : undefined,
  };
}

function known(numbers: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const defined = Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(defined);
}

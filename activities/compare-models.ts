/** Implements `compare`: both models on the same rows, resampled together. @module */
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { Comparison } from '../src/contracts/loop-rounds.js';
import type { ModelRef } from '../src/contracts/refs.js';
import { randomUint32 } from '../src/data/philox.js';
import type { CompareContract } from '../src/stages/compare.js';
import { taskOfModel } from '../src/stages/task.js';
import { pairedBootstrap } from '../src/statistics/bootstrap.js';
import { brierScore, logLoss } from '../src/statistics/probabilities.js';
import { resampledMean, resampledRocAuc } from '../src/statistics/resampled-metrics.js';
import type { ContextOf } from '../src/trainer/define-trainer.js';
import { openScorer } from '../src/training/scorer.js';
import { implementFamily } from './implement-family.js';
import { groupDifferences } from './comparison/group-differences.js';
import { numbersOf } from './evaluation/kept-column.js';
import { labelledRows, pick } from './evaluation/labelled-rows.js';
import { putReport } from './evaluation/put-report.js';
import { rowLatencies } from './evaluation/row-latencies.js';
import { columnNamed, RowReader, rowsOf } from './evaluation/row-reader.js';
import { readScored } from './evaluation/scored-rows.js';

type CompareContext = ContextOf<CompareContract>;

/** Of more rows a repeatable sample is compared. */
const mostRows = 200_000;

/** Rows times resamples: about a second of one core. */
const mostDraws = 100_000_000;

/** Fixes the ends of a 95 % interval to a few percent of its width; many rows, whose interval is narrow, get fewer. */
const resamplesOf = (rows: number) => Math.max(200, Math.min(1_000, Math.floor(mostDraws / rows)));

/** The stage `compare` of a contract made by `compareStage`. Keeps at most 200,000 rows of labels, answers and groups in memory. */
export function compareModels<Contract extends CompareContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<CompareContract, Contract>(contract, compare);
}

async function compare(context: CompareContext): Promise<Comparison> {
  const { input, artifacts, track } = context;
  const { dataset, split, target, groups, confidence, seed, threshold } = input;
  const side = { dataset, split };
  const reader = new RowReader(context, 2 * rowsOf(side));
  const scored = async (model: ModelRef) => {
    const scorer = await openScorer(artifacts.store, model, { threads: 1 });
    try {
      return await readScored(reader, side, { scorer, keep: [target, ...groups], rowLimit: mostRows });
    } finally {
      await scorer.release();
    }
  };
  const first = await scored(input.challenger);
  const second = await scored(input.champion);
  const known = labelledRows(numbersOf(first.column(target)));
  if (known.length === 0) throw new TrainyardError('TY2042', `no row of the split "${split}" has a label`);
  const labels = pick(numbersOf(first.column(target)), known);
  const answers = { challenger: pick(first.predictions, known), champion: pick(second.predictions, known) };

  const isClassifier = taskOfModel(input.challenger) === 'classification';
  const measured = isClassifier ? classifiers(labels, answers) : regressors(labels, answers);
  const { difference, lower, upper } = pairedBootstrap({
    rows: known.length,
    first: measured.better === 'higher' ? measured.challenger : measured.champion,
    second: measured.better === 'higher' ? measured.champion : measured.challenger,
    random: (resample, out) => randomUint32({ seed, step: resample }, out),
    resamples: resamplesOf(known.length),
    confidence,
  });
  const once = new Uint32Array(known.length).fill(1);
  const differences = groups.flatMap((name) => {
    if (!isClassifier) return [];
    return groupDifferences(columnNamed(side, name), first.column(name), known, labels, answers, threshold);
  });
  const latencies = await rowLatencies(context, side, { challenger: input.challenger, champion: input.champion });
  const comparison = {
    metric: measured.metric,
    challenger: measured.challenger(once) ?? 0,
    champion: measured.champion(once) ?? 0,
    gain: difference,
    interval: { lower, upper, confidence },
    rows: known.length,
    others: measured.others,
    groups: differences,
    ...(latencies && { latencyMs: { challenger: latencies.challenger.p50, champion: latencies.champion.p50 } }),
  };
  track.metrics({ gain: difference, lower, upper }, { step: 0 });
  return { ...comparison, report: await putReport(artifacts, { version: 1, ...comparison }) };
}

interface Answers {
  readonly challenger: Float64Array;
  readonly champion: Float64Array;
}

function classifiers(labels: Float64Array, { challenger, champion }: Answers) {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length)
    throw new TrainyardError(
      'TY2042',
      `the rows to compare on have only ${positives === 0 ? 'negatives' : 'positives'}`,
    );
  return {
    metric: 'auc',
    better: 'higher',
    challenger: resampledRocAuc(labels, challenger),
    champion: resampledRocAuc(labels, champion),
    others: {
      logLoss: { challenger: logLoss(labels, challenger), champion: logLoss(labels, champion) },
      brier: { challenger: brierScore(labels, challenger), champion: brierScore(labels, champion) },
    },
  } as const;
}

function regressors(labels: Float64Array, answers: Answers) {
  const rootMeanSquare = (values: Float64Array) => {
    const mean = resampledMean(values.map((value, row) => (value - (labels[row] ?? 0)) ** 2));
    return (counts: Parameters<typeof mean>[0]) => Math.sqrt(mean(counts) ?? 0);
  };
  const meanError = (values: Float64Array) =>
    values.reduce((sum, value, row) => sum + Math.abs(value - (labels[row] ?? 0)), 0) / values.length;
  return {
    metric: 'rmse',
    better: 'lower',
    challenger: rootMeanSquare(answers.challenger),
    champion: rootMeanSquare(answers.champion),
    others: { mae: { challenger: meanError(answers.challenger), champion: meanError(answers.champion) } },
  } as const;
}

/** Implements `watchErrors`: a model's errors in the order of time through two detectors, and group by group. @module */
import { z } from 'zod';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { readJson } from '../src/artifacts/json.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { ErrorWatch, WatchErrorsContract } from '../src/stages/watch-errors.js';
import { taskOfModel } from '../src/stages/task.js';
import { type AdwinState, advanceAdwin, startAdwin } from '../src/statistics/adwin.js';
import { demographicParity, equalizedOdds, selectionOf } from '../src/statistics/fairness.js';
import { advancePageHinkley, type PageHinkleyState, startPageHinkley } from '../src/statistics/page-hinkley.js';
import type { ContextOf } from '../src/trainer/define-trainer.js';
import { openScorer } from '../src/training/scorer.js';
import { countGroups } from './comparison/count-groups.js';
import { numbersOf } from './evaluation/kept-column.js';
import { labelledRows, pick } from './evaluation/labelled-rows.js';
import { columnNamed, RowReader, rowsOf } from './evaluation/row-reader.js';
import { readScored } from './evaluation/scored-rows.js';
import { implementFamily } from './implement-family.js';

/** What is kept between two calls. The detectors made both states, as plain JSON. */
const Detectors = z.object({
  adwin: z.custom<AdwinState>(),
  pageHinkley: z.custom<PageHinkleyState>(),
  decayedFrom: z.number().nullable(),
});

/** The stage `watchErrors` of a contract made by `watchErrorsStage`. Keeps labels, answers and groups of the split in memory. */
export function watchModelErrors<Contract extends WatchErrorsContract>(
  contract: Contract,
): StageImplementation<Contract> {
  return implementFamily<WatchErrorsContract, Contract>(contract, watchErrors);
}

async function watchErrors(context: ContextOf<WatchErrorsContract>): Promise<ErrorWatch> {
  const { input, artifacts, track } = context;
  const { dataset, split, target, groups, threshold } = input;
  const side = { dataset, split };
  const scorer = await openScorer(artifacts.store, input.model, { threads: 1 });
  try {
    const reader = new RowReader(context, rowsOf(side));
    const rows = await readScored(reader, side, { scorer, keep: [target, ...groups] });
    const known = labelledRows(numbersOf(rows.column(target)));
    if (known.length === 0) throw new TrainyardError('TY2042', `no row of the split "${split}" has a label`);
    const labels = pick(numbersOf(rows.column(target)), known);
    const answers = pick(rows.predictions, known);
    const isClassifier = taskOfModel(input.model) === 'classification';
    const predicted = answers.map((answer) => (isClassifier ? Number(answer > threshold) : answer));
    const errors = labels.map((label, row) => Math.abs(label - (predicted[row] ?? 0)));

    const before = input.detectors && (await readJson(artifacts.store, input.detectors, Detectors));
    const adwin = advanceAdwin(before?.adwin ?? startAdwin(), errors);
    const pageHinkley = advancePageHinkley(before?.pageHinkley ?? startPageHinkley(), errors);
    const found = [
      ...adwin.changes.map(({ index, mean, meanBefore }) => {
        return { detector: 'ADWIN' as const, row: index, mean, rose: mean > meanBefore, from: meanBefore };
      }),
      ...pageHinkley.changes.map(({ index, mean, rose }) => {
        return { detector: 'Page–Hinkley' as const, row: index, mean, rose, from: mean };
      }),
    ];
    const changes = found.map(({ from: _, ...change }) => change);
    const meanError = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const [rise] = found.filter(({ rose }) => rose);
    const standing = before?.decayedFrom ?? null;
    const decayedFrom = rise?.from ?? (standing !== null && meanError > standing ? standing : null);
    const detectors = await artifacts.putJson({ adwin: adwin.state, pageHinkley: pageHinkley.state, decayedFrom });
    track.metrics({ meanError, changes: changes.length }, { step: 0 });
    const fairness = groups.flatMap((column) => {
      if (!isClassifier) return [];
      const counts = countGroups(columnNamed(side, column), rows.column(column), known, labels, predicted);
      const parity = demographicParity(counts.map(selectionOf));
      const odds = equalizedOdds(counts);
      return [
        {
          column,
          demographicParity: {
            difference: parity.difference ?? null,
            ratio: parity.ratio ?? null,
            fourFifths: parity.fourFifths ?? null,
          },
          equalizedOdds: { difference: odds.difference ?? null, ratio: odds.ratio ?? null },
        },
      ];
    });
    return { rows: known.length, meanError, changes, decayedFrom, detectors, groups: fairness };
  } finally {
    await scorer.release();
  }
}

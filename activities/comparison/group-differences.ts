/** How differently two models treat the groups of a column. @module */
import type { Column } from '../../src/contracts/columns.js';
import type { Comparison } from '../../src/contracts/loop-rounds.js';
import { demographicParity, equalizedOdds, selectionOf } from '../../src/statistics/fairness.js';
import type { KeptValues } from '../evaluation/kept-column.js';
import { countGroups } from './count-groups.js';

/**
 * The greatest difference between two groups in the share of positive answers (demographic parity) and in error rates (equalised odds);
 * nothing where there are fewer than two groups. Formulas: `src/statistics/fairness.ts`.
 * @param known the rows, by their index in the column, that labels and answers are of
 */
export function groupDifferences(
  column: Pick<Column, 'name' | 'type'>,
  kept: KeptValues,
  known: Int32Array,
  labels: Float64Array,
  answers: { readonly challenger: Float64Array; readonly champion: Float64Array },
  threshold: number,
): Comparison['groups'] {
  const differences = (values: Float64Array) => {
    const predicted = values.map((value) => (value > threshold ? 1 : 0));
    const counts = countGroups(column, kept, known, labels, predicted);
    return [demographicParity(counts.map(selectionOf)).difference, equalizedOdds(counts).difference];
  };
  const [one, other] = [differences(answers.challenger), differences(answers.champion)];
  return ['share of positive answers', 'error rates'].flatMap((measure, at) => {
    const [challenger, champion] = [one[at], other[at]];
    if (challenger === undefined || champion === undefined) return [];
    return [{ column: column.name, measure, challenger, champion }];
  });
}

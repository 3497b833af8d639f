/** Rows counted by the groups of a column, by label and answer. @module */
import type { Column } from '../../src/contracts/columns.js';
import { countByGroup, type GroupCounts, selectionOf } from '../../src/statistics/fairness.js';
import type { KeptValues } from '../evaluation/kept-column.js';
import { slicesOf } from '../evaluation/slices.js';

/** Groups of fewer rows say too little. */
const leastRows = 30;

/**
 * Groups of 30 rows or more: the values of the column, ranges where there are many.
 * @param known the rows, by their index in the column, that labels and answers are of
 * @param predicted 0 or 1
 */
export function countGroups(
  column: Pick<Column, 'name' | 'type'>,
  kept: KeptValues,
  known: Int32Array,
  labels: Float64Array,
  predicted: Float64Array,
): GroupCounts[] {
  const groupOf = new Map<number, string>();
  for (const { value, rows } of slicesOf(column.type, kept).slices) for (const row of rows) groupOf.set(row, value);
  const groups = Array.from(known, (row) => groupOf.get(row) ?? 'others');
  return countByGroup(groups, labels, predicted).filter((group) => selectionOf(group).rows >= leastRows);
}

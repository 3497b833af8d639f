/** A split in memory: the columns that metrics are computed from, beside the model's answers and the baseline's. @module */
import { answerColumn, taskOfModel } from '../../src/stages/task.js';
import type { Scorer } from '../../src/training/scorer.js';
import { GroupBaseline } from './group-baseline.js';
import { KeptColumn, type KeptValues, numbersOf } from './kept-column.js';
import { type RowReader, rowsOf, type Split } from './row-reader.js';
import { RowSample } from './sample-rows.js';

/** Every array has one value for each row. */
export interface ScoredRows {
  /** Rows of the split; more than are kept where they are sampled. */
  readonly total: number;
  /** A column that was kept; throws RangeError for any other. */
  column(name: string): KeptValues;
  /** The model's probabilities or predictions. */
  readonly predictions: Float64Array;
  /** The baseline's; empty without one. */
  readonly naive: Float64Array;
}

/** How {@link readScored} reads. */
export interface ScoringOptions {
  readonly scorer: Scorer;
  /** Columns to keep. */
  readonly keep: readonly string[];
  readonly baseline?: GroupBaseline | undefined;
  /** Rows kept at most, as a sample. @default all */
  readonly rowLimit?: number;
}

/** Reads and scores a split. Memory: 8 bytes a number and 4 a text for each row and column kept. */
export async function readScored(reader: RowReader, split: Split, options: ScoringOptions): Promise<ScoredRows> {
  const { scorer, keep, baseline, rowLimit = Infinity } = options;
  const total = rowsOf(split);
  const capacity = Math.min(total, rowLimit);
  const sample = new RowSample(total, rowLimit);
  const kept = new Map(keep.map((name) => [name, new KeptColumn(capacity)]));
  const predictions = new KeptColumn(capacity);
  const naive = new KeptColumn(baseline ? capacity : 0);
  const answer = answerColumn[taskOfModel(scorer)];
  const read = [...keep, ...scorer.inputs.map(({ name }) => name), ...(baseline?.by ?? [])];
  await reader.forEachBatch(split, read, async (batch) => {
    const rows = sample.take(batch);
    if (rows.rows === 0) return;
    for (const [name, column] of kept) column.append(rows.columns[name] ?? []);
    predictions.append((await scorer.score(rows))[answer] ?? []);
    if (baseline) naive.append(baseline.predict(rows));
  });
  return {
    total,
    column(name) {
      const column = kept.get(name);
      if (column === undefined) throw new RangeError(`column ${name} was not kept`);
      return column.values;
    },
    predictions: numbersOf(predictions.values),
    naive: numbersOf(naive.values),
  };
}

/** Fits the baseline on a split: the mean of the target for each combination of values of the `by` columns. */
export async function fitBaseline(
  reader: RowReader,
  split: Split,
  by: readonly string[],
  target: string,
): Promise<GroupBaseline> {
  const baseline = new GroupBaseline(by);
  await reader.forEachBatch(split, [...by, target], (batch) => {
    baseline.add(batch, target);
  });
  return baseline;
}

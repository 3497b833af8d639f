/** A bounded, evenly spread, repeatable sample of a table that is read batch by batch. @module */
import { randomUniform } from '../../src/data/philox.js';
import type { Rows } from './row-reader.js';

/** Which rows belong to the sample, over a read from the first row to the last. */
export class RowSample {
  private readonly chosen: Float64Array | undefined;
  private offset = 0;
  private next = 0;

  /** Of `total` rows all, or `limit`: one drawn at random from each of `limit` equal spans, always the same ones. */
  constructor(total: number, limit: number) {
    if (total <= limit) return;
    const jitter = randomUniform({ seed: 0 }, new Float32Array(limit));
    const start = (i: number) => Math.floor((i / limit) * total);
    this.chosen = Float64Array.from(jitter, (part, i) => start(i) + Math.floor(part * (start(i + 1) - start(i))));
  }

  /** The columns of the next batch, at the rows of the sample. */
  take({ columns, rows }: Rows): Rows {
    if (this.chosen === undefined) return { columns, rows };
    const picked: number[] = [];
    for (; (this.chosen[this.next] ?? Infinity) < this.offset + rows; this.next++)
      picked.push((this.chosen[this.next] ?? 0) - this.offset);
    this.offset += rows;
    const gathered = Object.entries(columns).map(([name, values]) => [name, gather(values, picked)] as const);
    return { columns: Object.fromEntries(gathered), rows: picked.length };
  }
}

function gather(values: Rows['columns'][string], rows: readonly number[]): Rows['columns'][string] {
  if (values instanceof Float32Array) return Float32Array.from(rows, (row) => values[row] ?? NaN);
  if (values instanceof Float64Array) return Float64Array.from(rows, (row) => values[row] ?? NaN);
  return rows.map((row) => values[row] ?? '');
}

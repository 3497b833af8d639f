/** The baseline that a model has to beat: the mean of the target for each group of rows. @module */
import type { Rows } from './row-reader.js';

/**
 * Fitted batch by batch; groups are the combinations of values of the `by` columns, missing being a value like any other.
 * A group that was never seen gets the mean of all. Memory is one entry for each group.
 */
export class GroupBaseline {
  private readonly groups = new Map<string, { rows: number; sum: number }>();
  private readonly all = { rows: 0, sum: 0 };

  constructor(readonly by: readonly string[]) {}

  /** Groups seen so far. */
  get size(): number {
    return this.groups.size;
  }

  /** Labelled rows seen so far. */
  get rows(): number {
    return this.all.rows;
  }

  /** Adds rows; those whose target is missing (NaN) do not count. */
  add({ columns, rows }: Rows, target: string): void {
    for (let row = 0; row < rows; row++) {
      const value = Number(columns[target]?.[row]);
      if (Number.isNaN(value)) continue;
      const key = this.key(columns, row);
      let group = this.groups.get(key);
      if (group === undefined) this.groups.set(key, (group = { rows: 0, sum: 0 }));
      for (const sums of [group, this.all]) {
        sums.rows++;
        sums.sum += value;
      }
    }
  }

  /** The mean target of each row's group. */
  predict({ columns, rows }: Rows): Float64Array {
    return Float64Array.from({ length: rows }, (_, row) => {
      const { sum, rows: count } = this.groups.get(this.key(columns, row)) ?? this.all;
      return sum / count;
    });
  }

  private key(columns: Rows['columns'], row: number): string {
    return this.by.map((name) => String(columns[name]?.[row])).join('\u0000');
  }
}

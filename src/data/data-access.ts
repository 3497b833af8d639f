/** Reading datasets from stage code: small tables as rows, large ones as batches, both by SQL where wanted. @module */
import type { DatasetRef } from '../contracts/refs.js';

/** A batch of rows as typed arrays, one for each column asked for; valid until the next batch is taken. */
export interface Batch {
  /** Rows in this batch: `batchSize`, or fewer in the last one of an epoch. */
  readonly rows: number;
  /** Where each row stands in the dataset (or in the split), from 0: the same in every epoch, whatever the shuffle. */
  readonly rowNumbers: Float64Array;
  /** Where the batch after this one starts: what a checkpoint keeps. */
  readonly next: BatchPosition;
  /** Values by column: numbers are Float32Array with NaN for null, integers and timestamps (epoch seconds) Float64Array, booleans 0 or 1, strings string[] with '' for null. */
  readonly columns: Readonly<Record<string, Float32Array | Float64Array | readonly string[]>>;
}

/** A position in the order of a dataset that a seed fixes: resuming there gives the batches that an unbroken read gives. */
export interface BatchPosition {
  readonly epoch: number;
  /** Shuffle group within the epoch, and row within the group. */
  readonly group: number;
  readonly offset: number;
}

/** Options of {@link DataAccess.batches}. */
export interface BatchOptions<Row> {
  readonly columns: readonly (keyof Row & string)[];
  readonly batchSize: number;
  /** Rows are shuffled within groups of `bufferRows`, and the groups among each other; without it, the dataset's own order. */
  readonly shuffle?: { readonly seed: number; readonly bufferRows: number };
  readonly startAt?: BatchPosition;
  /** Stop after this many epochs. @default 1 */
  readonly epochs?: number;
  /** One split of the dataset. @default all rows */
  readonly split?: string;
}

/** `ctx.data`. */
export interface DataAccess {
  batches<Row>(ref: DatasetRef<Row>, options: BatchOptions<Row>): AsyncIterable<Batch>;
  /** All rows of a small table; throws TY1401 above `limit`. @default limit 100_000 */
  rows<Row>(ref: DatasetRef<Row>, options?: { readonly split?: string; readonly limit?: number }): Promise<Row[]>;
  /** A read-only query; each named ref is a view of that name (its splits as column `split`). */
  sql(query: string, tables: Readonly<Record<string, DatasetRef>>): Promise<Record<string, unknown>[]>;
}

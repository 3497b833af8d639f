/** Reads splits of datasets batch by batch, with progress, leaving the event loop to others between batches. @module */
import { setImmediate } from 'node:timers/promises';
import type { Column } from '../../src/contracts/columns.js';
import type { StageContext } from '../../src/context/stage-context.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import type { DatasetRef } from '../../src/contracts/refs.js';
import type { Batch } from '../../src/data/data-access.js';

/** A split of a dataset. */
export interface Split {
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly split: string;
}

/** Columns of some rows. */
export type Rows = Pick<Batch, 'columns' | 'rows'>;

/** Small enough that scoring a batch holds the event loop for milliseconds only: onnxruntime-node's `run` blocks. */
const batchSize = 4096;

/** Rows of a split; throws TY2041 when it has none. */
export function rowsOf({ dataset, split }: Split): number {
  const rows = dataset.splits[split];
  if (rows !== undefined && rows > 0) return rows;
  const what = rows === 0 ? `the split "${split}" is empty` : `the dataset has no split "${split}"`;
  throw new TrainyardError('TY2041', `${what}; it has ${Object.keys(dataset.splits).join(', ') || 'no splits'}`);
}

/** A column of a split's dataset; throws TY1005 when there is none of that name. */
export function columnNamed({ dataset, split }: Split, name: string): Column {
  const column = dataset.columns.find((one) => one.name === name);
  if (column) return column;
  throw new TrainyardError('TY1005', `the dataset of the split "${split}" lacks the column "${name}"`);
}

/** The reading of one attempt. */
export class RowReader {
  private done = 0;

  /** @param total rows that will be read in all. */
  constructor(
    private readonly context: Pick<StageContext<unknown>, 'data' | 'signal' | 'progress'>,
    private readonly total: number,
  ) {}

  /** Gives every batch of a split to `take`, until it answers false; throws TY1005 when the dataset lacks one of the columns. */
  async forEachBatch(from: Split, columns: readonly string[], take: (batch: Batch) => unknown): Promise<void> {
    const names = [...new Set(columns)];
    for (const name of names) columnNamed(from, name);
    const { data, signal, progress } = this.context;
    for await (const batch of data.batches(from.dataset, { columns: names, batchSize, split: from.split })) {
      signal.throwIfAborted();
      const goesOn = await take(batch);
      this.done += batch.rows;
      progress(this.done, this.total, 'rows');
      if (goesOn === false) return;
      await setImmediate();
    }
  }
}

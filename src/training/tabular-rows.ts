/** A dataset's rows on their way to a tabular network: what is fitted, what is held out, and the batches. @module */
import type { Column } from '../contracts/columns.js';
import type { DatasetRef } from '../contracts/refs.js';
import type { Batch as RawBatch, BatchOptions, DataAccess } from '../data/data-access.js';
import { philox4x32, randomUint32 } from '../data/philox.js';
import { forgetWords, type RowEncoder } from './encode-rows.js';
import type { Batch } from './feeds.js';
import { randomPurpose } from './layers.js';
import type { LoopBatch, LoopStart } from './loop.js';
import { numbersOf, PreprocessingFit, type RawRows } from './preprocessing.js';
import { type Head, targetOf } from './tabular-model.js';

/** Which rows of which table teach what. */
export interface TabularTable {
  readonly dataset: DatasetRef<Record<string, unknown>>;
  readonly features: readonly Column[];
  /** A row without a target teaches nothing. */
  readonly target: Column;
  /** The split that is trained on; undefined for a dataset without splits. */
  readonly split: string | undefined;
  /** A split to validate on; undefined to hold out rows of the one that is trained on. */
  readonly validationSplit: string | undefined;
  /** The share that is held out, 0 ≤ share < 1. */
  readonly validationShare: number;
  /** Which rows: `random` by a hash of the row's number, the same in every run; or the last of the split. */
  readonly holdOut: 'random' | 'last';
}

/** What a first read of the rows finds. */
export interface Survey {
  /** Of features and target, over the rows that are trained on. */
  readonly fit: PreprocessingFit;
  /** How many rows are trained on. */
  readonly rows: number;
  /** Rows to validate on, all with a target, in pieces; in all some {@link validationRows} at most. */
  readonly held: readonly RawRows[];
  /** The first rows of the split that is trained on. */
  readonly first: RawRows;
}

/** How raw rows become what the network is fed. */
export interface TabularEncoding {
  readonly encoder: RowEncoder;
  readonly head: Head;
}

export interface TabularBatches extends TabularEncoding {
  readonly batchSize: number;
  readonly epochs: number;
  /** Rows that are shuffled together, in memory. */
  readonly bufferRows: number;
  readonly seed: number;
  /** Share of words that are made unknown, see `forgetWords`. */
  readonly unknownShare: number;
}

/** To validate on more rows says little more, and costs time and memory. */
const validationRows = 50_000;
/** Rows of one piece: an evaluation of so many takes milliseconds. */
const pieceRows = 4096;

/** Rows of a split; of the whole dataset for undefined. */
export function rowsOfSplit({ dataset }: TabularTable, split: string | undefined): number {
  return split === undefined ? dataset.rows : (dataset.splits[split] ?? 0);
}

/** The part of a stage's context that reading the rows takes. */
export interface SurveyContext {
  readonly data: DataAccess;
  readonly signal: AbortSignal;
  progress(done: number, total: number | undefined, unit: string): void;
}

/** Reads the rows once, in their own order. @param first how many of the first rows to keep, 4096 at most */
export async function surveyRows(context: SurveyContext, table: TabularTable, first: number): Promise<Survey> {
  const fit = new PreprocessingFit([...table.features, table.target]);
  const pieces: RawRows[] = [];
  const samples: RawRows[] = [];
  const total = rowsOfSplit(table, table.split);
  let rows = 0;
  for await (const batch of context.data.batches(table.dataset, readOptions(table, table.split))) {
    context.signal.throwIfAborted();
    context.progress((batch.rowNumbers.at(-1) ?? 0) + 1, total, 'rows');
    const weights = weightsOf(table, batch);
    fit.add(batch, weights);
    rows += weights.reduce((sum, weight) => sum + weight, 0);
    if (samples.length === 0) samples.push(picked(batch, (row) => row < first));
    if (table.validationSplit === undefined) pieces.push(picked(batch, (row) => isHeldOut(table, batch, row)));
  }
  if (table.validationSplit !== undefined) {
    const share = validationRows / rowsOfSplit(table, table.validationSplit);
    for await (const batch of context.data.batches(table.dataset, readOptions(table, table.validationSplit)))
      pieces.push(picked(batch, (row) => drawn(batch.rowNumbers[row] ?? 0, share)));
  }
  const held = pieces.map((piece) => withTarget(table, piece)).filter((piece) => piece.rows > 0);
  return { fit, rows, held, first: samples[0] ?? { rows: 0, columns: {} } };
}

/** The batches to train on, from a position: a pure function of it, the table and the options. */
export async function* tabularBatches(
  data: DataAccess,
  table: TabularTable,
  options: TabularBatches,
  from: LoopStart,
): AsyncGenerator<LoopBatch, void, void> {
  const { seed, encoder, head, unknownShare, batchSize, epochs, bufferRows } = options;
  const [shuffleSeed = 0] = randomUint32({ seed, purpose: randomPurpose.orderOfRows }, new Uint32Array(1));
  let { step } = from;
  const batches = data.batches(table.dataset, {
    ...readOptions(table, table.split),
    batchSize,
    epochs,
    shuffle: { seed: shuffleSeed, bufferRows },
    startAt: from.position,
  });
  for await (const batch of batches) {
    step++;
    const inputs = encoder.encode(batch);
    forgetWords(inputs, { seed, step, share: unknownShare });
    const feeds = { ...inputs, target: targetsOf(table, batch, head), weight: weightsOf(table, batch) };
    yield { feeds, next: batch.next };
  }
}

/** What an evaluation is fed for rows that all count. */
export function evaluationFeeds(table: TabularTable, rows: RawRows, { encoder, head }: TabularEncoding): Batch {
  const weight = new Float32Array(rows.rows).fill(1);
  return { ...encoder.encode(rows), target: targetsOf(table, rows, head), weight };
}

/** Targets as the loss takes them; 0 for a missing one, which has the weight 0. */
function targetsOf({ target }: TabularTable, rows: RawRows, head: Head): Float32Array {
  return Float32Array.from(numbersOf(rows, target), (value) => (Number.isNaN(value) ? 0 : targetOf(head, value)));
}

/** 1 for a row that is trained on, 0 for one that is held out or has no target. A batch keeps its size: one plan of memory. */
function weightsOf(table: TabularTable, batch: RawBatch): Float32Array {
  return Float32Array.from(numbersOf(batch, table.target), (target, row) =>
    Number.isNaN(target) || isHeldOut(table, batch, row) ? 0 : 1,
  );
}

function isHeldOut(table: TabularTable, batch: RawBatch, row: number): boolean {
  if (table.validationSplit !== undefined) return false;
  const rows = rowsOfSplit(table, table.split);
  const share = Math.min(table.validationShare, validationRows / rows);
  const number = batch.rowNumbers[row] ?? 0;
  return table.holdOut === 'last' ? number >= rows * (1 - share) : drawn(number, share);
}

/** Whether a row is among a random share: the choice hangs on its number alone, not on the run's seed. */
function drawn(rowNumber: number, share: number): boolean {
  if (share <= 0 || share >= 1) return share >= 1;
  const [random] = philox4x32([rowNumber >>> 0, Math.floor(rowNumber / 2 ** 32), 0, 0], [0, randomPurpose.heldOutRows]);
  return random < share * 2 ** 32;
}

function readOptions(table: TabularTable, split: string | undefined): BatchOptions<Record<string, unknown>> {
  const columns = [...table.features, table.target].map(({ name }) => name);
  return { columns, batchSize: pieceRows, ...(split !== undefined && { split }) };
}

/** Copies of the rows that a condition holds for. */
function picked({ rows, columns }: RawRows, condition: (row: number) => boolean): RawRows {
  const chosen = Array.from({ length: rows }, (_, row) => row).filter(condition);
  const copies = Object.entries(columns).map(([name, values]) => [name, at(values, chosen)] as const);
  return { rows: chosen.length, columns: Object.fromEntries(copies) };
}

function withTarget({ target }: TabularTable, piece: RawRows): RawRows {
  const targets = numbersOf(piece, target);
  return picked(piece, (row) => !Number.isNaN(targets[row]));
}

function at(values: RawRows['columns'][string], rows: readonly number[]): RawRows['columns'][string] {
  if (values instanceof Float32Array) return Float32Array.from(rows, (row) => values[row] ?? NaN);
  if (values instanceof Float64Array) return Float64Array.from(rows, (row) => values[row] ?? NaN);
  return rows.map((row) => values[row] ?? '');
}

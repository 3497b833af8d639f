/** The stage `ingest`: files in, a dataset of the row schema out. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef, ReportRef } from '../contracts/refs.js';
import { columnName } from './column-name.js';
import { type StageFamily, type StandardOptions, standardStage } from './standard-stage.js';
import { Splits, TableSource } from './table-source.js';

/** What `ingestStage` takes. */
export interface IngestOptions<
  Row extends RowSchema,
  Name extends string,
  Pool extends PoolName,
> extends StandardOptions<Name, Pool> {
  /** The rows of the dataset. */
  readonly row: Row;
}

/** Rows that did not fit, up to 20 of them. */
export const RejectReport = z.object({
  rejectedRows: z.int().nonnegative(),
  samples: z.array(
    z.object({
      /** Table, and line in the file (CSV, JSON lines) or number of the row, where it is known. */
      source: z.string(),
      line: z.int().positive().optional(),
      row: z.int().positive().optional(),
      column: z.string().optional(),
      value: z.string().nullable(),
      reason: z.string(),
    }),
  ),
});
export type RejectReport = z.output<typeof RejectReport>;

/** What `ingest` takes whatever the row schema. */
const IngestInput = z.object({
  /** The tables, by the name that `sql` knows them under. */
  sources: z.record(z.string().min(1), TableSource),
  /** A SELECT over the tables that gives the columns of the row. @default all of the only table */
  sql: z.string().optional(),
  splits: Splits.optional(),
  /** Share of the rows that may be rejected: 0.01 is one in a hundred. */
  maxRejectedShare: z.number().min(0).max(1).default(0),
  /** Memory for tables; what does not fit spills to the scratch folder. */
  memoryLimit: z
    .string()
    .regex(/^\d+(MB|GB)$/)
    .default('700MB'),
});

/** What `ingest` gives beside the dataset. */
const ingested = {
  rejectedRows: z.int().nonnegative(),
  unassignedRows: z.int().nonnegative(),
  /** Only where rows were rejected. */
  rejects: ReportRef.of(RejectReport).optional(),
};

type IngestOutput = z.ZodObject<typeof ingested & { readonly dataset: z.ZodType<DatasetRef, DatasetRef> }>;

/** Any contract that {@link ingestStage} makes: what `ingestTables` relies on. */
export interface IngestContract extends StageFamily<
  z.output<typeof IngestInput> & { readonly orderBy: readonly string[] },
  IngestOutput
> {
  readonly row: RowSchema;
}

/**
 * A contract of the stage `ingest`; `ingestTables` implements it. Input: `sources`, `sql`, `splits`, `maxRejectedShare`
 * (default 0), `memoryLimit` (default 700MB, see the bench for the process's peak), and `orderBy`: columns that the rows
 * are sorted by; all others follow, so that the same rows give the same bytes.
 * @example
 * export const ingest = ingestStage({ row: Flight });
 * // in a pipeline:
 * const { dataset } = await stages.ingest({
 *   sources: { flights: { path: 'data/flights-*.csv' } },
 *   splits: { by: 'hash', key: ['tailnum'], weights: { train: 0.8, test: 0.2 } },
 * });
 */
export function ingestStage<
  Row extends RowSchema,
  const Name extends string = 'ingest',
  const Pool extends PoolName = 'cpu',
>(options: IngestOptions<Row, Name, Pool>) {
  const { row } = options;
  const contract = standardStage({ name: 'ingest', pool: 'cpu' }, options, {
    description: 'Reads files into a dataset of typed rows',
    input: IngestInput.extend({ orderBy: z.array(columnName(row)).default([]) }),
    output: z.object({ dataset: DatasetRef.of(row), ...ingested }),
  });
  return { ...contract, row };
}

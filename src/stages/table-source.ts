/** Where a table comes from, and how its rows are divided: what `ingest` is told, as data. @module */
import { z } from 'zod';
import { Column } from '../contracts/columns.js';

/** Files that make up one table. */
export const TableSource = z.object({
  /**
   * Files, folders (with all below them) and globs (`*`, `**`, `?`) on the worker's machine: an absolute path, a `file:`
   * URL, or a path relative to the worker's working directory. Or objects in S3: `s3://bucket/key`, a folder of keys, a glob (`*`, `**`),
   * with the options of a store's uri after `?`.
   */
  path: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** `auto`: by extension: .csv, .tsv, .jsonl, .ndjson (each also with .gz), .parquet. */
  format: z.enum(['auto', 'csv', 'jsonl', 'parquet']).default('auto'),
  /**
   * Types of the columns of a CSV or JSON lines file. Needed only where `sql` computes with them: what is not declared is
   * text there. Without `sql` the row schema says the types.
   */
  columns: z.record(z.string(), Column.shape.type).optional(),
  csv: z
    .object({
      /** @default ',', in a .tsv file a tab */
      delimiter: z.string().length(1).optional(),
      /** Whether the first line names the columns; else they are those of `columns` or of the row schema, in order. */
      header: z.boolean().default(true),
      /** Texts that stand for null. */
      nullStrings: z.array(z.string()).default(['']),
    })
    .default({ header: true, nullStrings: [''] }),
});
export type TableSource = z.output<typeof TableSource>;

const Instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const TimeSplits = z.object({
  by: z.literal('time'),
  /** A timestamp of the row. */
  column: z.string(),
  /** Half-open intervals, `from` ≤ t < `until`, by split; a row outside all of them is left out. */
  boundaries: z.record(z.string().min(1), z.object({ from: Instant.optional(), until: Instant.optional() })),
});

const HashSplits = z.object({
  by: z.literal('hash'),
  /** Columns whose values decide: rows that agree in them come into one split, in every dataset. */
  key: z.array(z.string()).min(1),
  /** Shares by split, in any unit: `{ train: 8, test: 2 }`. */
  weights: z.record(z.string().min(1), z.number().positive()),
});

/** How rows are divided into splits. */
export const Splits = z.discriminatedUnion('by', [TimeSplits, HashSplits]);
export type Splits = z.output<typeof Splits>;

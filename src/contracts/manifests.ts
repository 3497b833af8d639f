/** The JSON documents behind a dataset's and a model's ref. Nothing in them depends on when or where they were made. @module */
import { z } from 'zod';
import { Column } from './columns.js';
import { Ref, Sha256 } from './refs.js';

/** What a dataset says about one column, over all its rows. Numbers only for numeric columns and timestamps (epoch seconds). */
export const ColumnStatistics = z.object({
  nulls: z.int().nonnegative(),
  /** Exact number of distinct values that are not null. */
  distinct: z.int().nonnegative(),
  min: z.number().optional(),
  max: z.number().optional(),
  mean: z.number().optional(),
  /** Population standard deviation. */
  std: z.number().optional(),
});

/** Behind a `DatasetRef`: schema, files, statistics and where it all came from. */
export const DatasetManifest = z.object({
  version: z.literal(1),
  columns: z.array(Column),
  rows: z.int().nonnegative(),
  /** Parquet (zstd), in order; a file belongs to one split, or to none. */
  files: z.array(z.object({ split: z.string().optional(), rows: z.int().nonnegative(), ref: Ref })),
  statistics: z.record(z.string(), ColumnStatistics),
  /** What it was made from. Only what came from S3 says where it lay, and in which version (its ETag). */
  sources: z.array(
    z.object({
      name: z.string(),
      sha256: Sha256,
      sizeBytes: z.int().nonnegative(),
      uri: z.string().optional(),
      version: z.string().optional(),
    }),
  ),
  /** Rows of the sources that did not fit the schema and were left out. */
  rejectedRows: z.int().nonnegative(),
  /** Rows that fall into none of the declared splits and were left out. */
  unassignedRows: z.int().nonnegative(),
});
export type DatasetManifest = z.output<typeof DatasetManifest>;

/**
 * Behind a `ModelRef`: an ONNX graph that takes raw columns. A column is a tensor [batch, 1] named like it: string → STRING
 * ('' is missing), number → FLOAT (NaN is missing), boolean → BOOL, integer and timestamp (epoch seconds) → INT64; a
 * nullable integer or timestamp → DOUBLE (NaN is missing), a nullable boolean → FLOAT (0, 1, NaN). Outputs are FLOAT [batch, 1].
 */
export const ModelManifest = z.object({
  version: z.literal(1),
  graph: Ref,
  inputs: z.array(Column),
  outputs: z.array(Column),
  /** Digest of the dataset that it was fitted on. */
  dataset: Sha256,
  /** What the bit-identity of the weights depends on: runtime version, threads, optimisation level, seed … */
  numerics: z.record(z.string(), z.json()),
});
export type ModelManifest = z.output<typeof ModelManifest>;

/** A dataset's ref to Parquet files on this machine: verified, and checked against what the caller wants of it. @module */
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Column } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import { DatasetManifest } from '../contracts/manifests.js';
import type { DatasetRef } from '../contracts/refs.js';
import { literal } from './duckdb.js';

/** A dataset whose files lie on this machine. */
export interface OpenDataset {
  readonly manifest: DatasetManifest;
  readonly rows: number;
  /** In the dataset's order; only those of the split that was asked for. */
  readonly files: readonly { readonly path: string; readonly rows: number; readonly split?: string | undefined }[];
}

/** Fetches and verifies a dataset's files; throws TY1409 for a split that it does not have, TY1201 and TY1202 like the store. */
export async function openDataset(store: ArtifactStore, ref: DatasetRef, split?: string): Promise<OpenDataset> {
  const manifest = await readJson(store, ref, DatasetManifest);
  const chosen = manifest.files.filter((file) => split === undefined || file.split === split);
  if (split !== undefined && chosen.length === 0) {
    const names = manifest.files.flatMap((file) => file.split ?? []);
    const has = names.length === 0 ? 'no splits' : names.join(', ');
    throw new TrainyardError('TY1409', `the dataset has no split "${split}"; it has ${has}`);
  }
  const files = await Promise.all(
    chosen.map(async (file) => ({ path: await store.materialise(file.ref), rows: file.rows, split: file.split })),
  );
  return { manifest, rows: files.reduce((sum, file) => sum + file.rows, 0), files };
}

/** The columns by these names, in this order; throws TY1409 for one that the dataset lacks. */
export function columnsNamed(dataset: OpenDataset, names: readonly string[]): Column[] {
  return names.map((name) => {
    const column = dataset.manifest.columns.find((one) => one.name === name);
    if (column) return column;
    const has = dataset.manifest.columns.map((one) => one.name).join(', ');
    throw new TrainyardError('TY1409', `the dataset has no column "${name}"; it has ${has}`);
  });
}

/** SQL of all rows, in order, with the split as column `split` where the dataset has splits. */
export function datasetSql(dataset: OpenDataset): string {
  const parts = dataset.files.map(({ path, split }) => {
    const extra = split === undefined ? '' : `, ${literal(split)} AS split`;
    return `SELECT *${extra} FROM read_parquet(${literal(path)})`;
  });
  return parts.join(' UNION ALL ');
}

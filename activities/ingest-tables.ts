/** The stage `ingest`: files to a dataset, by a DuckDB that can read those files and nothing else. @module */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { digestFile } from '../src/artifacts/digest.js';
import { columnsOf, type RowSchema } from '../src/contracts/columns.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { DatasetManifest } from '../src/contracts/manifests.js';
import { columnStatistics } from '../src/data/column-statistics.js';
import { DuckDb, type Failure, literal, refused } from '../src/data/duckdb.js';
import type { IngestContract } from '../src/stages/ingest.js';
import type { ContextOf, ResultOf } from '../src/trainer/define-trainer.js';
import { implementFamily } from './implement-family.js';
import { assertUnchanged, findFiles, type FoundSource } from './ingest/find-files.js';
import { makeTables, type Tables } from './ingest/make-tables.js';
import { raggedLines, type Rejects, rejectsOf, sentence, together } from './ingest/rejects.js';
import { type SplitSql, splitSql } from './ingest/split-rows.js';
import { writeRows, type WrittenRows } from './ingest/write-rows.js';

/** What the stage needs of its context. */
export type IngestContext = Pick<
  ContextOf<IngestContract>,
  'input' | 'artifacts' | 'scratch' | 'signal' | 'progress' | 'log'
>;

/** Implements a contract of `ingestStage`. */
export function ingestTables<Contract extends IngestContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<IngestContract, Contract>(contract, (context) => ingestRows(contract.row, context));
}

/** The work itself: the same input gives the same bytes, on any number of threads. Errors: `docs/errors.md`. */
export async function ingestRows(row: RowSchema, context: IngestContext): Promise<ResultOf<IngestContract>> {
  const { input, artifacts, scratch, signal, log } = context;
  const splits = splitSql(row, input.splits);
  const fetched = join(scratch, 'sources');
  const place = { folder: fetched, signal, progress: context.progress };
  const found = await Promise.all(
    Object.entries(input.sources).map(([name, source]) => findFiles(name, source, place)),
  );
  const folder = join(scratch, 'dataset');
  await mkdir(folder, { recursive: true });
  const paths = found.flatMap(({ files }) => files.map(({ path }) => path));
  const db = await DuckDb.open({ scratch, files: paths, output: folder, memoryLimit: input.memoryLimit, signal });
  try {
    const sources = sourceDigests(found);
    sources.catch(() => undefined); // awaited below, unless something else fails first
    const tables = await makeTables(db, row, found, input.sql);
    const { files: written, unassigned, rejected } = await writeSorted(db, row, tables, splits, folder, context);
    const rejects = await findRejects(db, found, tables, rejected);
    const rows = written.reduce((sum, file) => sum + file.rows, 0);
    assertShare(rejects, rows + unassigned + rejects.rows, input.maxRejectedShare);
    const empty = written.findIndex((file) => file.rows === 0);
    if (empty >= 0) throw new TrainyardError('TY1412', `${splits.names[empty] ?? 'the dataset'} has no rows`);
    const columns = columnsOf(row);
    const [refs, statistics] = await Promise.all([
      Promise.all(written.map(({ path }) => artifacts.put({ path }))),
      columnStatistics(db, `read_parquet([${written.map(({ path }) => literal(path)).join(', ')}])`, columns),
    ]);
    const files = refs.map((ref, i) => ({ ...named(splits.names[i]), rows: written[i]?.rows ?? 0, ref }));
    const manifest: DatasetManifest = {
      version: 1,
      columns,
      rows,
      files,
      statistics,
      sources: await sources,
      rejectedRows: rejects.rows,
      unassignedRows: unassigned,
    };
    await Promise.all(found.map(assertUnchanged));
    context.progress(rows, rows, 'rows');
    log.info({ rows, rejectedRows: rejects.rows, unassignedRows: unassigned }, 'ingested');
    const report = { rejectedRows: rejects.rows, samples: rejects.samples };
    return {
      dataset: {
        ...(await artifacts.putJson(manifest)),
        kind: 'dataset',
        rows,
        columns,
        splits: Object.fromEntries(files.flatMap(({ split, rows: n }) => (split === undefined ? [] : [[split, n]]))),
      },
      rejectedRows: rejects.rows,
      unassignedRows: unassigned,
      ...(rejects.rows > 0 ? { rejects: { ...(await artifacts.putJson(report)), kind: 'report' as const } } : {}),
    };
  } finally {
    await db.close();
    for (const made of [folder, fetched]) await rm(made, { recursive: true, force: true });
  }
}

async function sourceDigests(found: readonly FoundSource[]): Promise<DatasetManifest['sources']> {
  const digests = [];
  for (const { name, files } of found)
    for (const { path, sizeBytes, origin } of files)
      digests.push({ name, ...(origin ? { ...origin, sizeBytes } : await digestFile(path)) });
  return digests;
}

/** Says how far it is meanwhile. */
async function writeSorted(
  db: DuckDb,
  row: RowSchema,
  { rows: table }: Tables,
  splits: SplitSql,
  folder: string,
  { input, progress }: IngestContext,
): Promise<WrittenRows> {
  const order = input.splits?.by === 'time' ? [...input.orderBy, input.splits.column] : input.orderBy;
  const failure: Failure =
    input.sql === undefined ? { code: 'TY1403', what: `source ${table.source} cannot be read` } : refused(input.sql);
  const timer = setInterval(() => {
    const now = db.progress();
    if (now) progress(now.done, now.total, 'rows');
  }, 500);
  try {
    return await writeRows(db, { row, table, splits, order, folder, failure });
  } finally {
    clearInterval(timer);
  }
}

async function findRejects(
  db: DuckDb,
  found: readonly FoundSource[],
  tables: Tables,
  rejected: number,
): Promise<Rejects> {
  const rejects = [];
  const texts = found.filter(({ format }) => format !== 'parquet');
  const names = new Map(texts.flatMap(({ name, files }) => files.map(({ path }) => [path, name] as const)));
  if (names.size > 0) rejects.push(await raggedLines(db, names));
  for (const one of [...tables.declared, ...(rejected > 0 ? [tables.rows] : [])])
    rejects.push(await rejectsOf(db, one));
  return together(rejects);
}

function assertShare(rejects: Rejects, all: number, allowed: number): void {
  if (rejects.rows <= allowed * all) return;
  const first = rejects.samples.slice(0, 3).map(sentence).join('; ');
  const share = `${rejects.rows} of ${all} rows were rejected, the limit is ${allowed * 100} %`;
  throw new TrainyardError('TY1406', `${share}: ${first}`);
}

function named(split: string | undefined): { split?: string } {
  return split === undefined ? {} : { split };
}

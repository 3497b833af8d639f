/** The stage `ingest`: files to a dataset, by a DuckDB that can read those files and nothing else. @module */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { implementStage, type StageImplementation } from '../src/activity/implement-stage.js';
import { digestFile, readChunks } from '../src/artifacts/digest.js';
import { columnsOf, type RowSchema } from '../src/contracts/columns.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { DatasetManifest } from '../src/contracts/manifests.js';
import { columnStatistics } from '../src/data/column-statistics.js';
import { DuckDb, literal, quoted, refused } from '../src/data/duckdb.js';
import type { IngestContract } from '../src/stages/ingest.js';
import type { ContextOf, ResultOf } from '../src/trainer/define-trainer.js';
import { assertUnchanged, findFiles, type FoundSource } from './ingest/find-files.js';
import { makeTables, type Tables } from './ingest/make-tables.js';
import { raggedLines, castSql, rejectSql, type Rejects, rejectsOf, sentence, together } from './ingest/rejects.js';
import { type SplitSql, splitSql } from './ingest/split-rows.js';

/** What the stage needs of its context. */
export type IngestContext = Pick<
  ContextOf<IngestContract>,
  'input' | 'artifacts' | 'scratch' | 'signal' | 'progress' | 'log'
>;

/** Implements a contract of `ingestStage`. */
export function ingestTables(contract: IngestContract): StageImplementation<IngestContract> {
  return implementStage(contract).with((context) => ingestRows(contract.row, context));
}

const table = quoted('trainyard table');
const reject = quoted('trainyard reject');
/** The number of a row's split, or one of the two below: one column, because each costs the sort a tenth. */
const part = quoted('trainyard part');
const unassigned = 254;
const rejected = 255;

/** The work itself: the same input gives the same bytes, on any number of threads. Errors: `docs/errors.md`. */
export async function ingestRows(row: RowSchema, context: IngestContext): Promise<ResultOf<IngestContract>> {
  const { input, artifacts, scratch, signal, log } = context;
  const splits = splitSql(row, input.splits);
  const found = await Promise.all(Object.entries(input.sources).map(([name, source]) => findFiles(name, source)));
  const folder = join(scratch, 'dataset');
  await mkdir(folder, { recursive: true });
  const paths = found.flatMap(({ files }) => files.map(({ path }) => path));
  const db = await DuckDb.open({ scratch, files: paths, output: folder, memoryLimit: input.memoryLimit, signal });
  try {
    const sources = sourceDigests(found);
    sources.catch(() => undefined); // awaited below, unless something else fails first
    const tables = await makeTables(db, row, found, input.sql);
    await sortRows(db, row, tables, splits, context);
    const count = await countParts(db);
    const rejects = await findRejects(db, found, tables, count);
    const sizes = splits.names.map((_, i) => count(i));
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    assertShare(rejects, rows + count(unassigned) + rejects.rows, input.maxRejectedShare);
    const empty = sizes.indexOf(0);
    if (empty >= 0) throw new TrainyardError('TY1412', `${splits.names[empty] ?? 'the dataset'} has no rows`);
    const written = await writeSplits(db, row, splits, folder, artifacts);
    const columns = columnsOf(row);
    const files = written.map(({ ref }, i) => ({ ...named(splits.names[i]), rows: sizes[i] ?? 0, ref }));
    const manifest: DatasetManifest = {
      version: 1,
      columns,
      rows,
      files,
      statistics: await columnStatistics(
        db,
        `read_parquet([${written.map(({ path }) => literal(path)).join(', ')}])`,
        columns,
      ),
      sources: await sources,
      rejectedRows: rejects.rows,
      unassignedRows: count(unassigned),
    };
    await Promise.all(found.map(assertUnchanged));
    context.progress(rows, rows, 'rows');
    log.info({ rows, rejectedRows: rejects.rows, unassignedRows: count(unassigned) }, 'ingested');
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
      unassignedRows: count(unassigned),
      ...(rejects.rows > 0 ? { rejects: { ...(await artifacts.putJson(report)), kind: 'report' as const } } : {}),
    };
  } finally {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function sourceDigests(found: readonly FoundSource[]): Promise<DatasetManifest['sources']> {
  const digests = [];
  for (const { name, files } of found)
    for (const { path } of files) digests.push({ name, ...(await digestFile(path)) });
  return digests;
}

/** All rows, cast, checked and in order, with the number of their split: sorted once, so that each split is a plain scan. */
async function sortRows(db: DuckDb, row: RowSchema, { rows }: Tables, splits: SplitSql, context: IngestContext) {
  const { input, progress } = context;
  const first = input.splits?.by === 'time' ? [...input.orderBy, input.splits.column] : input.orderBy;
  const order = [...new Set([...first, ...Object.keys(row.shape)])].map(quoted).join(', ');
  const columns = rows.columns.map(({ name, value }) => `${value} AS ${quoted(name)}`).join(', ');
  const timer = setInterval(() => {
    const now = db.progress();
    if (now) progress(now.done, now.total, 'rows');
  }, 500);
  try {
    await db.run(
      `CREATE TABLE ${table} AS
       SELECT * EXCLUDE ${reject}, (CASE WHEN ${reject} THEN ${rejected} ELSE coalesce(${splits.sql}, ${unassigned}) END)::UTINYINT AS ${part}
       FROM (SELECT ${columns}, ${rejectSql(rows)} AS ${reject} FROM ${castSql(rows)})
       ORDER BY ${order}`,
      input.sql === undefined ? { code: 'TY1403', what: `source ${rows.source} cannot be read` } : refused(input.sql),
    );
  } finally {
    clearInterval(timer);
  }
}

/** Rows of each part, by its number. */
async function countParts(db: DuckDb): Promise<(number: number) => number> {
  const found = await db.rows(`SELECT ${part} AS part, count(*) AS n FROM ${table} GROUP BY ALL`);
  const counts = new Map(found.map(({ part: number, n }) => [Number(number), Number(n)]));
  return (number) => counts.get(number) ?? 0;
}

async function findRejects(
  db: DuckDb,
  found: readonly FoundSource[],
  tables: Tables,
  count: (number: number) => number,
): Promise<Rejects> {
  const rejects = [];
  const texts = found.filter(({ format }) => format !== 'parquet');
  const names = new Map(texts.flatMap(({ name, files }) => files.map(({ path }) => [path, name] as const)));
  if (names.size > 0) rejects.push(await raggedLines(db, names));
  for (const one of [...tables.declared, ...(count(rejected) > 0 ? [tables.rows] : [])])
    rejects.push(await rejectsOf(db, one));
  return together(rejects);
}

function assertShare(rejects: Rejects, all: number, allowed: number): void {
  if (rejects.rows <= allowed * all) return;
  const first = rejects.samples.slice(0, 3).map(sentence).join('; ');
  const share = `${rejects.rows} of ${all} rows were rejected, the limit is ${allowed * 100} %`;
  throw new TrainyardError('TY1406', `${share}: ${first}`);
}

async function writeSplits(
  db: DuckDb,
  row: RowSchema,
  { names }: SplitSql,
  folder: string,
  artifacts: IngestContext['artifacts'],
) {
  const columns = Object.keys(row.shape).map(quoted).join(', ');
  const written = [];
  for (const i of names.keys()) {
    const path = join(folder, `${i}.parquet`);
    // A row group is what `data.batches` reads at a time: smaller ones compress worse, larger ones cost it memory.
    await db.run(
      `COPY (SELECT ${columns} FROM ${table} WHERE ${part} = ${i}) TO ${literal(path)}
       (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
    );
    written.push({ path, ref: await artifacts.put(readChunks(path)) });
  }
  return written;
}

function named(split: string | undefined): { split?: string } {
  return split === undefined ? {} : { split };
}

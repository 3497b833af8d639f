/** `ctx.data`: datasets in a store as rows, as batches and as tables of SQL. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { Column } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import type { DatasetRef } from '../contracts/refs.js';
import { batchesOf } from './batches.js';
import type { Batch, BatchOptions, DataAccess } from './data-access.js';
import { DuckDb, type DuckDbOptions, quoted, refused } from './duckdb.js';
import { datasetSql, type OpenDataset, openDataset } from './open-dataset.js';
import { groupReader } from './read-groups.js';

/** Where and how much, for the databases that reading takes. */
export type DataAccessOptions = Pick<DuckDbOptions, 'scratch' | 'memoryLimit' | 'signal'>;

/** Rows that `rows` gives unless told otherwise. */
const rowLimit = 100_000;

/** Reads the datasets of a store. Each call opens a database of its own that can read that call's files and nothing else. */
export function createDataAccess(store: ArtifactStore, options: DataAccessOptions): DataAccess {
  const open = (datasets: readonly OpenDataset[]) =>
    DuckDb.open({ ...options, files: datasets.flatMap(({ files }) => files.map(({ path }) => path)) });

  return {
    async *batches<Row>(ref: DatasetRef<Row>, batchOptions: BatchOptions<Row>): AsyncGenerator<Batch> {
      const dataset = await openDataset(store, ref, batchOptions.split);
      const db = await open([dataset]);
      try {
        yield* batchesOf(dataset.rows, await groupReader(db, dataset, batchOptions.columns), batchOptions);
      } finally {
        await db.close();
      }
    },

    async rows<Row>(ref: DatasetRef<Row>, { split, limit = rowLimit }: { split?: string; limit?: number } = {}) {
      const dataset = await openDataset(store, ref, split);
      if (dataset.rows > limit)
        throw new TrainyardError('TY1401', `the table has ${dataset.rows} rows, the limit is ${limit}`);
      const db = await open([dataset]);
      try {
        const list = dataset.manifest.columns.map(jsonSql).join(', ');
        // The manifest's columns are those of Row: ingest made the files of this schema.
        return (await db.rows(`SELECT ${list} FROM (${datasetSql(dataset)})`)) as Row[];
      } finally {
        await db.close();
      }
    },

    async sql(query, tables) {
      const names = Object.keys(tables);
      const datasets = await Promise.all(Object.values(tables).map((ref) => openDataset(store, ref)));
      const db = await open(datasets);
      try {
        for (const [i, dataset] of datasets.entries())
          await db.run(`CREATE VIEW ${quoted(names[i] ?? '')} AS ${datasetSql(dataset)}`);
        await db.assertSelect(query);
        return await db.rows(query, refused(query));
      } finally {
        await db.close();
      }
    },
  };
}

/** A column as JSON has it: instants as ISO 8601 text with as many decimals as they need. */
function jsonSql({ name, type }: Column): string {
  const column = quoted(name);
  if (type !== 'timestamp') return column;
  const format = (fraction: string) => `strftime(${column}, '%Y-%m-%dT%H:%M:%S${fraction}Z')`;
  return `CASE WHEN epoch_us(${column}) % 1000000 = 0 THEN ${format('')} ELSE ${format('.%f')} END AS ${column}`;
}

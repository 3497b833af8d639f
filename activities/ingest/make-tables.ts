/** The sources as tables of DuckDB, and from them the table of the rows: the only source itself, or what `sql` selects. @module */
import type { RowSchema } from '../../src/contracts/columns.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import { type DuckDb, quoted, refused, textOf } from '../../src/data/duckdb.js';
import { fitColumn, fitRows } from '../../src/data/fit-rows.js';
import type { FoundSource } from './find-files.js';
import { castSql, type CheckedTable, rejectSql } from './rejects.js';
import { csvTable, jsonTable, malformedColumn, parquetTable } from './text-tables.js';

/** The tables that rows are taken from. */
export interface Tables {
  /** Cast to the row schema. */
  readonly rows: CheckedTable;
  /** Text sources of `sql` with declared types: they are cast, and lose what does not fit, before `sql` sees them. */
  readonly declared: readonly CheckedTable[];
}

/** Throws TY1403 for files that cannot be read, TY1404 for SQL that is refused, TY1405 for missing or unfit columns. */
export async function makeTables(
  db: DuckDb,
  row: RowSchema,
  found: readonly FoundSource[],
  sql: string | undefined,
): Promise<Tables> {
  if (sql !== undefined) return tablesOfSql(db, row, found, sql);
  const [only, ...others] = found;
  if (only === undefined || others.length > 0)
    throw new TrainyardError('TY1404', `${found.length} sources and no sql that joins them`);
  const view = await makeRawView(db, only, Object.keys(row.shape));
  const columns = fitRows(row, await typesOf(db, view), `source ${only.name}`);
  return { rows: { source: only.name, view, columns, marked: only.format === 'jsonl', numbered: true }, declared: [] };
}

async function tablesOfSql(db: DuckDb, row: RowSchema, found: readonly FoundSource[], sql: string): Promise<Tables> {
  const declared: CheckedTable[] = [];
  for (const one of found) {
    const types = Object.entries(one.source.columns ?? {});
    if (one.format === 'jsonl' && types.length === 0)
      throw new TrainyardError('TY1405', `source ${one.name}: JSON lines need \`columns\` where sql is given`);
    const raw = await makeRawView(
      db,
      one,
      types.map(([name]) => name),
    );
    const present = await typesOf(db, raw);
    const columns = types.map(([name, type]) => {
      const has = present.get(name);
      if (has === undefined) throw new TrainyardError('TY1405', `source ${one.name} lacks the declared column ${name}`);
      return fitColumn({ name, type, nullable: true }, undefined, has, `source ${one.name}`);
    });
    const table = { source: one.name, view: raw, columns, marked: one.format === 'jsonl', numbered: true };
    const others = [...present.keys()].filter(
      (name) => name !== malformedColumn && one.source.columns?.[name] === undefined,
    );
    const list = [...columns.map(({ name, value }) => `${value} AS ${quoted(name)}`), ...others.map(quoted)];
    await db.run(
      `CREATE VIEW ${quoted(one.name)} AS SELECT ${list.join(', ')} FROM ${castSql(table)} WHERE (${rejectSql(table)}) IS NOT TRUE`,
    );
    if (columns.length > 0) declared.push(table);
  }
  await db.assertSelect(sql);
  const view = 'trainyard rows';
  await db.run(`CREATE VIEW ${quoted(view)} AS ${sql}`, refused(sql));
  const columns = fitRows(row, await typesOf(db, view), 'sql');
  return { rows: { source: 'sql', view, columns, marked: false, numbered: false }, declared };
}

/** The view of a source's own values: text for CSV and JSON lines. `names`: columns where the file itself does not say. */
async function makeRawView(db: DuckDb, found: FoundSource, names: readonly string[]): Promise<string> {
  const view = `source ${found.name}`;
  const unreadable = {
    code: 'TY1403',
    what: `source ${found.name} is no ${found.format} file that can be read`,
  } as const;
  await db.run(`CREATE VIEW ${quoted(view)} AS ${await rawTable(found, names)}`, unreadable);
  return view;
}

async function rawTable(found: FoundSource, names: readonly string[]): Promise<string> {
  switch (found.format) {
    case 'csv':
      return csvTable(found, names);
    case 'jsonl':
      return jsonTable(found, names);
    case 'parquet':
      return parquetTable(found);
  }
}

async function typesOf(db: DuckDb, view: string): Promise<Map<string, string>> {
  const columns = await db.rows(`DESCRIBE ${quoted(view)}`);
  return new Map(columns.map((column) => [textOf(column['column_name']), textOf(column['column_type'])]));
}

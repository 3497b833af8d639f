/** Rows that do not fit: a condition in SQL, and samples that a person can find in the source. @module */
import { type DuckDb, literal, quoted, textOf } from '../../src/data/duckdb.js';
import type { FittedColumn } from '../../src/data/fit-rows.js';
import type { RejectReport } from '../../src/stages/ingest.js';
import { malformedColumn } from './text-tables.js';

/** A table whose rows are checked while they are cast. */
export interface CheckedTable {
  /** What the samples call it. */
  readonly source: string;
  /** The view with the table's own values. */
  readonly view: string;
  readonly columns: readonly FittedColumn[];
  /** Whether the view has the column that marks lines which are no JSON object. */
  readonly marked: boolean;
  /** Whether the order of the view's rows is that of the source. */
  readonly numbered: boolean;
}

/** Rows that were rejected, and some of them. */
export interface Rejects {
  readonly rows: number;
  readonly samples: RejectReport['samples'];
}

const sampleLimit = 20;

/** SQL of the table's rows with the cast values beside their own: in an inner SELECT, so that each is computed once. */
export function castSql({ view, columns }: CheckedTable): string {
  return `(SELECT ${['*', ...columns.map(({ sql, value }) => `${sql} AS ${value}`)].join(', ')} FROM ${quoted(view)})`;
}

/** True, over {@link castSql}, for a row that does not fit, false or null for one that does. */
export function rejectSql({ columns, marked }: CheckedTable): string {
  const bad = columns.flatMap(({ badSql }) => badSql ?? []);
  return [...(marked ? [quoted(malformedColumn)] : []), ...bad].join(' OR ') || 'false';
}

/** Reads the table once more, for the rows that do not fit only. */
export async function rejectsOf(db: DuckDb, table: CheckedTable): Promise<Rejects> {
  const [counted] = await db.rows(`SELECT count(*) AS n FROM ${castSql(table)} WHERE ${rejectSql(table)}`);
  const rows = Number(counted?.['n']);
  return { rows, samples: rows === 0 ? [] : await samplesOf(db, table) };
}

async function samplesOf(db: DuckDb, table: CheckedTable): Promise<RejectReport['samples']> {
  const { columns, source, numbered } = table;
  const bad = columns.flatMap(({ badSql }, i) => (badSql === undefined ? [] : `WHEN ${badSql} THEN ${i}`));
  const which = `CASE ${[...(table.marked ? [`WHEN ${quoted(malformedColumn)} THEN -1`] : []), ...bad].join(' ')} END`;
  const value = columns.map(({ rawSql }, i) => `WHEN ${i} THEN left(${rawSql}, 80)`);
  const found = await db.rows(
    `SELECT number, which, CASE which ${value.join(' ')} END AS value
     FROM (SELECT *, row_number() OVER () AS number, ${which} AS which FROM ${castSql(table)})
     WHERE which IS NOT NULL LIMIT ${sampleLimit}`,
  );
  return found.map((row) => {
    const column = columns[Number(row['which'])];
    const text = typeof row['value'] === 'string' ? row['value'] : null;
    return {
      source,
      ...(numbered ? { row: Number(row['number']) } : {}),
      ...(column ? { column: column.name } : {}),
      value: text,
      reason: column ? (text === null ? 'is missing' : `is not ${column.expected}`) : 'is not a JSON object',
    };
  });
}

/** Lines of CSV files that are no rows: DuckDB noted them in `reject_errors` while it read, once for each reading. */
export async function raggedLines(db: DuckDb, sources: ReadonlyMap<string, string>): Promise<Rejects> {
  const noted = `(SELECT DISTINCT ON (file_path, line) file_path, line, csv_line, error_message
    FROM reject_errors JOIN reject_scans USING (scan_id, file_id))`;
  const found = await db.rows(
    `SELECT file_path, line, left(csv_line, 80) AS value, error_message AS reason, count(*) OVER () AS rows FROM ${noted}
     ORDER BY file_path, line LIMIT ${sampleLimit}`,
  );
  const samples = found.map(({ file_path: path, line, value, reason }) => ({
    source: sources.get(textOf(path)) ?? textOf(path),
    line: Number(line),
    value: typeof value === 'string' ? value : null,
    reason: lowerFirst(textOf(reason)),
  }));
  return { rows: Number(found[0]?.['rows'] ?? 0), samples };
}

/** One of the samples as a sentence. */
export function sentence({ source, line, row, column, value, reason }: RejectReport['samples'][number]): string {
  const place = line !== undefined ? ` line ${line}` : row !== undefined ? ` row ${row}` : '';
  const shown = value === null ? '' : ` ${literal(value)}`;
  return `${source}${place}:${column === undefined ? '' : ` ${column}`}${shown}${column === undefined && value !== null ? ':' : ''} ${reason}`;
}

/** Several counts as one, with the first samples of all. */
export function together(all: readonly Rejects[]): Rejects {
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    samples: all.flatMap(({ samples }) => samples).slice(0, sampleLimit),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

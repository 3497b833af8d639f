/** Rows as an Open Inference Protocol request: a tensor [rows, 1] for each column. @module */
import type { Column } from 'trainyard';

/** A row of raw values; null is missing. */
export type RawRow = Readonly<Record<string, string | number | boolean | null>>;

/** The body of `POST …/infer`. */
export function inferRequest(rows: readonly RawRow[], columns: readonly Column[]) {
  return {
    inputs: columns.map((column) => ({
      name: column.name,
      shape: [rows.length, 1],
      datatype: datatypeOf(column),
      data: rows.map((row) => valueOf(column, row)),
    })),
  };
}

/** The tensor conventions of a model's manifest. */
function datatypeOf({ type, nullable }: Column): string {
  if (type === 'string') return 'BYTES';
  if (type === 'number') return 'FP32';
  if (type === 'boolean') return nullable ? 'FP32' : 'BOOL';
  return nullable ? 'FP64' : 'INT64';
}

/** Instants enter a graph as epoch seconds. */
function valueOf({ name, type }: Column, row: RawRow): string | number | boolean | null {
  const value = row[name] ?? null;
  return type === 'timestamp' && typeof value === 'string' ? Math.floor(Date.parse(value) / 1_000) : value;
}

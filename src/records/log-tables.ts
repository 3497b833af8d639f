/** Rows, labels and what listened of the log as Parquet, and back. @module */
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';

/** What a request was asked and answered, a row each. */
export const LoggedRow = z.object({
  /** The request's id; of a request with several rows `<id>/<row>`, rows from 0 on. */
  id: z.string(),
  /** When it was answered, milliseconds since 1970. */
  atMs: z.number(),
  revision: z.int().positive(),
  /** Of the endpoint's state. */
  generation: z.int().positive(),
  /** From the complete request to the answer. */
  latencyMs: z.number(),
  /** The columns that the endpoint's policy names. Null for a missing value. */
  inputs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  /** Outputs of one number a row, and the parts of short vectors as `name_0`, `name_1` … */
  outputs: z.record(z.string(), z.number().nullable()),
});
export type LoggedRow = z.output<typeof LoggedRow>;

/** What turned out to be true of a row that was asked about. */
export const LoggedLabel = z.object({
  id: z.string().min(1).max(200),
  label: z.union([z.number(), z.string().max(200), z.boolean()]),
  /** When it came in, milliseconds since 1970. */
  atMs: z.number(),
});
export type LoggedLabel = z.output<typeof LoggedLabel>;

/** What a revision that listens would have answered to a row. */
export const ListenedRow = LoggedRow.pick({ id: true, revision: true, outputs: true }).extend({
  /** When it had run, milliseconds since 1970. */
  atMs: z.number(),
});
export type ListenedRow = z.output<typeof ListenedRow>;

/** Rows as the bytes of a Parquet file: inputs and outputs are columns `input.<name>`, `output.<name>`. */
export function requestTable(rows: readonly LoggedRow[]): Uint8Array {
  const names = new Set(rows.flatMap(({ inputs }) => Object.keys(inputs)));
  return bytesOf([
    column('id', 'STRING', rows, ({ id }) => id),
    column('atMs', 'DOUBLE', rows, ({ atMs }) => atMs),
    column('revision', 'INT32', rows, ({ revision }) => revision),
    column('generation', 'INT32', rows, ({ generation }) => generation),
    column('latencyMs', 'DOUBLE', rows, ({ latencyMs }) => latencyMs),
    ...[...names].map((name) => inputColumn(name, rows)),
    ...outputColumns(rows),
  ]);
}

/** What listened as the bytes of a Parquet file. */
export function listenedTable(rows: readonly ListenedRow[]): Uint8Array {
  return bytesOf([
    column('id', 'STRING', rows, ({ id }) => id),
    column('atMs', 'DOUBLE', rows, ({ atMs }) => atMs),
    column('revision', 'INT32', rows, ({ revision }) => revision),
    ...outputColumns(rows),
  ]);
}

/** Labels as the bytes of a Parquet file; each label as JSON. */
export function labelTable(labels: readonly LoggedLabel[]): Uint8Array {
  return bytesOf([
    column('id', 'STRING', labels, ({ id }) => id),
    column('label', 'STRING', labels, ({ label }) => JSON.stringify(label)),
    column('atMs', 'DOUBLE', labels, ({ atMs }) => atMs),
  ]);
}

/** The rows in such a file. */
export async function rowsIn(file: Uint8Array<ArrayBuffer>): Promise<LoggedRow[]> {
  return (await parquetReadObjects({ file: file.buffer })).map((row) =>
    LoggedRow.parse({ ...row, inputs: part(row, inputPrefix), outputs: part(row, outputPrefix) }),
  );
}

/** What listened in such a file. */
export async function listenedIn(file: Uint8Array<ArrayBuffer>): Promise<ListenedRow[]> {
  return (await parquetReadObjects({ file: file.buffer })).map((row) =>
    ListenedRow.parse({ ...row, outputs: part(row, outputPrefix) }),
  );
}

/** The labels in such a file. */
export async function labelsIn(file: Uint8Array<ArrayBuffer>): Promise<LoggedLabel[]> {
  return (await parquetReadObjects({ file: file.buffer })).map((row) =>
    LoggedLabel.parse({ ...row, label: JSON.parse(String(row['label'])) as unknown }),
  );
}

const [inputPrefix, outputPrefix] = ['input.', 'output.'];

function part(row: Record<string, unknown>, prefix: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

function outputColumns(rows: readonly Pick<LoggedRow, 'outputs'>[]) {
  const names = new Set(rows.flatMap(({ outputs }) => Object.keys(outputs)));
  return [...names].map((name) => column(outputPrefix + name, 'DOUBLE', rows, ({ outputs }) => outputs[name] ?? null));
}

function inputColumn(name: string, rows: readonly LoggedRow[]) {
  const types = new Set(rows.map(({ inputs }) => typeof (inputs[name] ?? undefined)));
  types.delete('undefined');
  const type = types.has('number') ? 'DOUBLE' : types.has('boolean') ? 'BOOLEAN' : 'STRING';
  if (types.size <= 1) return column(inputPrefix + name, type, rows, ({ inputs }) => inputs[name] ?? null);
  // Its type changed while it was logged: it is kept as text.
  return column(inputPrefix + name, 'STRING', rows, ({ inputs: { [name]: value = null } }) => value && String(value));
}

function column<Row>(
  name: string,
  type: 'STRING' | 'DOUBLE' | 'INT32' | 'BOOLEAN',
  rows: readonly Row[],
  value: (row: Row) => unknown,
) {
  return { name, type, data: rows.map(value) };
}

function bytesOf(columnData: ReturnType<typeof column>[]): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** Rows and labels of the log as Parquet, and back. @module */
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

/** Rows as the bytes of a Parquet file: inputs and outputs are columns `input.<name>`, `output.<name>`. */
export function requestTable(rows: readonly LoggedRow[]): Uint8Array {
  const names = (pick: (row: LoggedRow) => object) => [...new Set(rows.flatMap((row) => Object.keys(pick(row))))];
  return bytesOf([
    column('id', 'STRING', rows, ({ id }) => id),
    column('atMs', 'DOUBLE', rows, ({ atMs }) => atMs),
    column('revision', 'INT32', rows, ({ revision }) => revision),
    column('generation', 'INT32', rows, ({ generation }) => generation),
    column('latencyMs', 'DOUBLE', rows, ({ latencyMs }) => latencyMs),
    ...names(({ inputs }) => inputs).map((name) => inputColumn(name, rows)),
    ...names(({ outputs }) => outputs).map((name) =>
      column(outputPrefix + name, 'DOUBLE', rows, ({ outputs }) => outputs[name] ?? null),
    ),
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
  return (await parquetReadObjects({ file: file.buffer })).map((row) => {
    const part = (prefix: string) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([name, value]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), value as unknown]] : [],
        ),
      );
    return LoggedRow.parse({ ...row, inputs: part(inputPrefix), outputs: part(outputPrefix) });
  });
}

/** The labels in such a file. */
export async function labelsIn(file: Uint8Array<ArrayBuffer>): Promise<LoggedLabel[]> {
  return (await parquetReadObjects({ file: file.buffer })).map((row) =>
    LoggedLabel.parse({ ...row, label: JSON.parse(String(row['label'])) as unknown }),
  );
}

const [inputPrefix, outputPrefix] = ['input.', 'output.'];

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

/**
 * Small tables of our own as Parquet. DuckDB would write them too, but ends the whole process when a worker is out of file descriptors, and takes
 * longer to open than such a table to write. @module
 */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

/** What a column holds: whole numbers of 32 bits, or up to 2^53 in 64; any number; text. None of them missing. */
export type ParquetType = 'int32' | 'int64' | 'double' | 'text';

type Columns = Readonly<Record<string, ParquetType>>;
type Row<Table extends Columns> = { readonly [Name in keyof Table]: Table[Name] extends 'text' ? string : number };

/** Held in memory until they are written. */
const rowsOfGroup = 65_536;

const elements = {
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} satisfies Record<ParquetType, Partial<SchemaElement>>;

/**
 * The bytes of a Parquet file with these rows, in their order.
 * @param columns types in the order of the file's columns
 */
export async function* parquetOf<const Table extends Columns>(
  columns: Table,
  rows: AsyncIterable<Row<Table>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: 'trainyard' });
  let group: Row<Table>[] = [];
  const written = () => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const write = () => {
    const names = Object.keys(columns);
    const columnData = names.map((name) => ({ name, data: group.map((row) => valueOf(row[name], columns[name])) }));
    void file.write({ columnData, rowGroupSize: rowsOfGroup }); // at once: its writer is in memory
    group = [];
    return written();
  };
  for await (const row of rows) if (group.push(row) === rowsOfGroup) yield write();
  if (group.length > 0) yield write();
  void file.finish();
  yield written();
}

function schemaOf(columns: Columns): SchemaElement[] {
  const leaves = Object.entries(columns).map(([name, type]): SchemaElement => ({
    name,
    repetition_type: 'REQUIRED',
    ...elements[type],
  }));
  return [{ name: 'schema', num_children: leaves.length }, ...leaves];
}

function valueOf(value: string | number | undefined, type: ParquetType | undefined): unknown {
  return type === 'int64' ? BigInt(value ?? 0) : value;
}

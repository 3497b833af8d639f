/** The names of a row's columns, as a type and as a schema. @module */
import type { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';

/** A column of the row, by name. */
export type ColumnName<Row extends RowSchema> = keyof z.output<Row> & string;

/** A schema of the names of a row's columns: any other name is a contract violation. */
export function columnName<Row extends RowSchema>(row: Row): z.ZodType<ColumnName<Row>, ColumnName<Row>> {
  return row.keyof();
}

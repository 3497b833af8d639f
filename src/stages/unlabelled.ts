/** Rows whose labels may not be known yet. @module */
import type { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import { DatasetRef } from '../contracts/refs.js';
import type { ColumnName } from './column-name.js';

/** A row with or without its label. */
export type Unlabelled<Row extends RowSchema, Target extends ColumnName<Row>> = Omit<z.output<Row>, Target> &
  Partial<Pick<z.output<Row>, Target>>;

/** Refs to datasets of such rows. */
export function unlabelled<Row extends RowSchema, Target extends ColumnName<Row>>(row: Row, target: Target) {
  const label = row.shape[target] as z.ZodType; // a column of the row, or its name would not have compiled
  // A computed key of an open type is no literal to the compiler; at run time this is exactly Unlabelled.
  return DatasetRef.of(row.extend({ [target]: label.optional() })) as unknown as z.ZodType<
    DatasetRef<Unlabelled<Row, Target>>,
    DatasetRef<Unlabelled<Row, Target>>
  >;
}

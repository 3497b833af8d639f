/** What a model is for, read from the type of its target: a boolean is classified, a number is regressed. @module */
import { z } from 'zod';
import { type Column, columnsOf, type RowSchema } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import type { ColumnName } from './column-name.js';

/** `classification` is of two classes: whether the target is true. */
export type Task = 'classification' | 'regression';

/** The task of a target, for the compiler. */
export type TaskOf<Row extends RowSchema, Target extends ColumnName<Row>> = [
  NonNullable<z.output<Row>[Target]>,
] extends [boolean]
  ? 'classification'
  : 'regression';

/** What a model of each task answers, as far as the standard stages read it. */
export const scores = {
  /** Of the target being true, in [0, 1]. */
  classification: z.object({ probability: z.number() }),
  /** In the target's unit. */
  regression: z.object({ prediction: z.number() }),
} as const;

/** The task of a target; throws TY2040 for a target that is neither a boolean nor a number. */
export function taskOf<Row extends RowSchema, Target extends ColumnName<Row>>(
  row: Row,
  target: Target,
): TaskOf<Row, Target> {
  const type = columnsOf(row).find(({ name }) => name === target)?.type;
  if (type !== 'boolean' && type !== 'number' && type !== 'integer')
    throw new TrainyardError(
      'TY2040',
      `the target "${target}" is ${type === undefined ? 'no column of the row' : `a ${type}`}`,
    );
  // The same rule as in the type, which cannot be resolved while Row is open.
  return (type === 'boolean' ? 'classification' : 'regression') as TaskOf<Row, Target>;
}

/** The column with a model's answers, as in {@link scores}. */
export const answerColumn = { classification: 'probability', regression: 'prediction' } as const satisfies Record<
  Task,
  string
>;

/** The task of a model, by what it answers. */
export function taskOfModel({ outputs }: { readonly outputs: readonly Column[] }): Task {
  return outputs.some(({ name }) => name === answerColumn.classification) ? 'classification' : 'regression';
}

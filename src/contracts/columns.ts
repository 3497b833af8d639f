/** The columns of a table, read from the zod schema of its rows. @module */
import { z } from 'zod';
import { TrainyardError } from './errors.js';

/** A column as a dataset lists it: `timestamp` is an ISO 8601 instant in JSON and epoch seconds in a tensor. */
export const Column = z.object({
  name: z.string(),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'timestamp']),
  nullable: z.boolean(),
});
export type Column = z.output<typeof Column>;

/** A schema of flat rows: every property is a scalar. */
export type RowSchema = z.ZodObject;

/** The columns in the order of the schema's properties; throws TY1002 for a property that is no scalar. */
export function columnsOf(row: RowSchema): Column[] {
  const schema = z.toJSONSchema(row, { io: 'output', unrepresentable: 'any' });
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const types = typeof property === 'object' ? scalarTypes(property) : undefined;
    const named = types?.filter((type) => type !== 'null');
    if (types === undefined || named?.length !== 1)
      throw new TrainyardError(
        'TY1002',
        `row.${name}: a column is one of string, number, int, boolean, enum or iso.datetime`,
      );
    const nullable = types.includes('null') || !required.has(name);
    return Column.parse({ name, type: named[0], nullable });
  });
}

/** `['number', 'null']` of `z.number().nullable()`; undefined for objects, arrays and `any`. */
function scalarTypes(schema: z.core.JSONSchema.BaseSchema): string[] | undefined {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) {
    const types = alternatives.map((one) => scalarTypes(one));
    return types.every((one) => one !== undefined) ? [...new Set(types.flat())] : undefined;
  }
  if (schema.format === 'date-time') return ['timestamp'];
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type;
  return types?.some((type) => type === 'object' || type === 'array') ? undefined : types;
}

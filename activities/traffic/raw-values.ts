/** What a request's tensors held, as the row has it: the other way round of what `ModelManifest` says of columns. @module */
import type { Column } from '../../src/contracts/columns.js';
import type { LoggedRow } from '../../src/records/log-tables.js';

type Value = LoggedRow['inputs'][string];

/** The columns of a row that was logged; one that the log does not have is left out. */
export function rawValues(columns: readonly Column[], inputs: LoggedRow['inputs']): Record<string, Value> {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const value = inputs[column.name];
      return value === undefined ? [] : [[column.name, rawValue(column, value)]];
    }),
  );
}

function rawValue({ type, nullable }: Column, value: Value): Value {
  if (value === '' && nullable) return null;
  if (typeof value !== 'number') return value;
  if (type === 'timestamp') return new Date(value * 1000).toISOString();
  return type === 'boolean' ? value !== 0 : value;
}

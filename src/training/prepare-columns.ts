/** The served side of preprocessing: a model that takes raw columns makes of them what its network was trained on. @module */
import type { Column } from '../contracts/columns.js';
import type { Value } from '../onnx/graph.js';
import type { Operators } from '../onnx/operators.js';
import { cycleSeconds, idsInput, numberLayout, numbersInput } from './encode-rows.js';
import type { NumberColumn, Preprocessing } from './preprocessing.js';

/** Element type of a raw column as a model's input [batch, 1]: see `ModelManifest`. */
export function inputType({ type, nullable }: Column) {
  switch (type) {
    case 'string':
      return 'string';
    case 'number':
      return 'float32';
    case 'boolean':
      return nullable ? 'float32' : 'bool';
    case 'integer':
    case 'timestamp':
      return nullable ? 'float64' : 'int64';
  }
}

/**
 * Declares an input for each raw column and makes the network's inputs of them: the same arithmetic in float64 as
 * `RowEncoder`. All numbers go through it as one matrix: an operator for each column would cost a lone request 0.1 ms.
 */
export function prepareColumns(ops: Operators, preprocessing: Preprocessing): Record<string, Value> {
  const raw = (column: Column): Value => ops.graph.input(column.name, inputType(column), ['batch', 1]);
  const numbers = preprocessing.numbers.map(({ column }) => {
    const value = ops.cast(raw(column), 'float64');
    return column.type === 'timestamp' && column.nullable ? ops.floor(value) : value;
  });
  const ids = preprocessing.categories.map(({ column, words }) => {
    const id = ops.squeeze(ops.labelEncoder(raw(column), words, 0), [1]);
    return [idsInput(column.name), id] as const;
  });
  const made = Object.fromEntries(ids);
  if (numbers.length > 0) made[numbersInput] = numbersMatrix(ops, ops.concat(numbers, 1), preprocessing);
  return made;
}

function numbersMatrix(ops: Operators, values: Value, preprocessing: Preprocessing): Value {
  const { numbers } = preprocessing;
  const { indicators, timestamps } = numberLayout(preprocessing);
  const row = (of: (column: NumberColumn) => number): Value =>
    ops.graph.constant(Float64Array.from(numbers, of), [1, numbers.length]);
  const columns = (matrix: Value, indices: readonly number[]): Value => ops.gather(matrix, ops.graph.ints(indices), 1);

  const missing = ops.isNaN(values);
  const standard = ops.div(
    ops.sub(
      values,
      row(({ mean }) => mean),
    ),
    row(({ deviation }) => deviation),
  );
  const known = ops.where(missing, 0, standard);
  const bounded = ops.min(
    ops.max(
      known,
      row(({ low }) => low),
    ),
    row(({ high }) => high),
  );
  const parts = [ops.cast(bounded, 'float32')];
  if (indicators.length > 0) parts.push(columns(ops.cast(missing, 'float32'), indicators));
  if (timestamps.length > 0) {
    const times = columns(values, timestamps);
    const unknown = columns(missing, timestamps);
    for (const period of cycleSeconds) {
      const turns = ops.div(times, period);
      const angle = ops.cast(ops.mul(ops.mul(ops.sub(turns, ops.floor(turns)), 2), Math.PI), 'float32');
      parts.push(ops.where(unknown, 0, ops.sin(angle)), ops.where(unknown, 0, ops.cos(angle)));
    }
  }
  return ops.concat(parts, 1);
}

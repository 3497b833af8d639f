/** Rows with the trainer's own outputs, hard ones among them: unknown words and missing values. @module */
import type { Column } from '../../src/contracts/columns.js';
import type { ParitySamples, Scalar } from '../../src/contracts/parity.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { numbersOf, type Preprocessing, type RawRows, wordsOf } from '../../src/training/preprocessing.js';

/** Every so many rows, one has nothing but unknown words, and another one nothing where a value may be missing. */
const hardEvery = 20;
/** No training data has it: DuckDB reads it as text like any other, and nobody types it. */
const unknownWord = '\u{10ffff}';

/** The rows with some made hard, as the trainer and the served model both have to take them. */
export function parityRows(rows: RawRows, { numbers, categories }: Preprocessing): RawRows {
  const columns: Record<string, RawRows['columns'][string]> = { ...rows.columns };
  for (const { column } of categories)
    columns[column.name] = wordsOf(rows, column).map((word, row) =>
      isHard(row, 1) ? '' : isHard(row, 0) ? unknownWord : word,
    );
  for (const { column } of numbers)
    if (column.nullable)
      columns[column.name] = numbersOf(rows, column).map((value, row) => (isHard(row, 1) ? NaN : value));
  return { rows: rows.rows, columns };
}

/** The document that `deploy` reads. */
export function paritySamples(
  model: ModelRef,
  rows: RawRows,
  outputs: Readonly<Record<string, Float32Array>>,
): ParitySamples {
  return {
    version: 1,
    model: model.sha256,
    rows: Array.from({ length: rows.rows }, (_, row) =>
      Object.fromEntries(
        model.inputs.map((column) => [column.name, scalarOf(column, rows.columns[column.name]?.[row])]),
      ),
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, [...values]])),
  };
}

function scalarOf({ type }: Column, value: string | number | undefined): Scalar {
  if (value === undefined || value === '' || Number.isNaN(value)) return null;
  if (type === 'boolean') return value === 1;
  if (type === 'timestamp') return new Date(Math.floor(Number(value)) * 1000).toISOString();
  return value;
}

function isHard(row: number, kind: number): boolean {
  return row % hardEvery === hardEvery - 1 - kind;
}

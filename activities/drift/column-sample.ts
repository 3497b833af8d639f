/** A column as drift is measured on it: numbers or counts of categories, with missing values counted apart. @module */
import type { Column } from '../../src/contracts/columns.js';
import type { ColumnDrift } from '../../src/stages/drift-report.js';
import type { KeptValues } from '../evaluation/kept-column.js';

/** What a sample has of one column. */
export interface ColumnSample {
  readonly size: ColumnDrift['reference'];
  /** Finite numbers; empty for a categorical column. */
  readonly numbers: Float64Array;
  /** Rows by category; empty for a numeric column. */
  readonly categories: ReadonlyMap<string, number>;
}

/** Booleans and strings are categories. NaN, an infinite number and the empty string count as missing. */
export function columnSample(type: Column['type'], kept: KeptValues): ColumnSample {
  if (kept.kind === 'texts') {
    const counts = new Float64Array(kept.words.length);
    for (const code of kept.codes) counts[code] = (counts[code] ?? 0) + 1;
    const categories = new Map(kept.words.map((word, code) => [word, counts[code] ?? 0]));
    const missing = categories.get('') ?? 0;
    categories.delete('');
    return { size: sizeOf(kept.codes.length, missing), numbers: new Float64Array(), categories };
  }
  const numbers = kept.values.filter(Number.isFinite);
  const size = sizeOf(kept.values.length, kept.values.length - numbers.length);
  if (type !== 'boolean') return { size, numbers, categories: new Map() };
  const positives = numbers.reduce((total, value) => total + value, 0);
  const categories = new Map([
    ['false', numbers.length - positives],
    ['true', positives],
  ]);
  return { size, numbers: new Float64Array(), categories };
}

function sizeOf(rows: number, missing: number): ColumnDrift['reference'] {
  return { values: rows - missing, missing, missingShare: missing / rows };
}

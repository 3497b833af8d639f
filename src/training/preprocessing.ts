/** What a tabular network is told about its columns: means, ranges and words, fitted on the rows that it is trained on. @module */
import { TrainyardError } from '../contracts/errors.js';
import type { Column } from '../contracts/columns.js';
import type { Batch } from '../data/data-access.js';

/** A column that enters as a number, computed in float64 and fed as float32: min(max((x − mean) / deviation, low), high). */
export interface NumberColumn {
  readonly column: Column;
  readonly mean: number;
  /** Population standard deviation; 1 for a column that is constant. */
  readonly deviation: number;
  /** Bounds after standardising: values beyond count as the bound. */
  readonly low: number;
  readonly high: number;
  /** A missing value enters as the mean; with an indicator also as a 1 of its own. */
  readonly indicator: boolean;
}

/** A column of words: word k has id k; id 0, the word '', stands for missing and unknown ones. */
export interface CategoryColumn {
  readonly column: Column;
  /** '' and then the known words in the order of their UTF-16 code units. */
  readonly words: readonly string[];
}

/** The columns of a tabular network, in the order in which its weights know them. A JSON value. */
export interface Preprocessing {
  readonly numbers: readonly NumberColumn[];
  readonly categories: readonly CategoryColumn[];
}

/** Rows as `data.batches` gives them; more columns than are asked for are fine. */
export type RawRows = Pick<Batch, 'rows' | 'columns'>;

export interface VocabularyOptions {
  /** A word that occurs less often is unknown. */
  readonly minWordCount: number;
  /** At most so many words of a column are known: the most frequent ones. @default 10_000 */
  readonly maxWords?: number;
}

/** Standardised numbers further out than this count as this far out: one broken reading cannot drown a row. */
const outlier = 10;

/** Reads rows once, in a fixed order, and sums in float64 without DuckDB's threads: the same rows give the same bytes. */
export class PreprocessingFit {
  readonly #moments = new Map<Column, Moments>();
  readonly #counts = new Map<Column, Map<string, number>>();

  constructor(columns: readonly Column[]) {
    for (const column of columns) {
      if (column.type === 'string') this.#counts.set(column, new Map());
      else this.#moments.set(column, new Moments());
    }
  }

  /** Takes the rows for which `use` is not 0. */
  add(rows: RawRows, use: Float32Array): void {
    for (const [column, moments] of this.#moments) {
      numbersOf(rows, column).forEach((value, row) => {
        if (use[row] !== 0) moments.add(whole(column, value));
      });
    }
    for (const [column, counts] of this.#counts) {
      wordsOf(rows, column).forEach((word, row) => {
        if (use[row] !== 0) counts.set(word, (counts.get(word) ?? 0) + 1);
      });
    }
  }

  finish({ minWordCount, maxWords = 10_000 }: VocabularyOptions): Preprocessing {
    return {
      numbers: [...this.#moments].map(([column, moments]) => numberColumn(column, moments)),
      categories: [...this.#counts].map(([column, counts]) => ({
        column,
        words: vocabulary(counts, minWordCount, maxWords),
      })),
    };
  }
}

/** A column of numbers, booleans or instants. @throws TY1505 the rows lack it, or have words in its place */
export function numbersOf({ columns }: RawRows, { name }: Column): Float32Array | Float64Array {
  const values = columns[name];
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  throw new TrainyardError('TY1505', `rows: column ${name} ${values ? 'has words, not numbers' : 'is missing'}`);
}

/** A column of words. @throws TY1505 the rows lack it, or have numbers in its place */
export function wordsOf({ columns }: RawRows, { name }: Column): readonly string[] {
  const values = columns[name];
  if (values && !ArrayBuffer.isView(values)) return values;
  throw new TrainyardError('TY1505', `rows: column ${name} ${values ? 'has numbers, not words' : 'is missing'}`);
}

/** Timestamps count in whole seconds, as a model's INT64 input does. */
export function whole({ type }: Column, value: number): number {
  return type === 'timestamp' ? Math.floor(value) : value;
}

/** Mean and variance of numbers as they pass: Welford (1962), Knuth volume 2, section 4.2.2. NaN is counted as missing. */
class Moments {
  count = 0;
  missing = 0;
  mean = 0;
  min = Infinity;
  max = -Infinity;
  #squares = 0;

  add(value: number): void {
    if (Number.isNaN(value)) {
      this.missing++;
      return;
    }
    this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.#squares += difference * (value - this.mean);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  get deviation(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.#squares / this.count);
  }
}

function numberColumn(column: Column, { mean, deviation: spread, min, max, count, missing }: Moments): NumberColumn {
  const deviation = spread > 0 ? spread : 1;
  // Time goes on: what follows the training data counts as its end, for a line through time means nothing beyond it.
  const fitted = column.type === 'timestamp' && count > 0;
  const low = fitted ? (min - mean) / deviation : -outlier;
  const high = fitted ? (max - mean) / deviation : outlier;
  return { column, mean, deviation, low, high, indicator: column.nullable || missing > 0 };
}

function vocabulary(counts: ReadonlyMap<string, number>, minCount: number, maxWords: number): readonly string[] {
  const byWord = ([a]: readonly [string, number], [b]: readonly [string, number]) => (a < b ? -1 : 1);
  const known = [...counts].filter(([word, count]) => word !== '' && count >= minCount);
  const frequent = known.sort((a, b) => b[1] - a[1] || byWord(a, b)).slice(0, maxWords);
  return ['', ...frequent.sort(byWord).map(([word]) => word)];
}

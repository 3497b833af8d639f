/** One column of the rows that a stage keeps in memory: numbers, or texts as codes into their words. @module */
import type { Rows } from './row-reader.js';

/** Values in row order. Missing is NaN among numbers (booleans are 0 and 1) and `''` among texts. */
export type KeptValues =
  | { readonly kind: 'numbers'; readonly values: Float64Array }
  | { readonly kind: 'texts'; readonly codes: Int32Array; readonly words: readonly string[] };

/** The values of a column of numbers; throws TypeError for texts. */
export function numbersOf(kept: KeptValues): Float64Array {
  if (kept.kind !== 'numbers') throw new TypeError('not a column of numbers');
  return kept.values;
}

/** Collects a column batch by batch, at 8 bytes a number and 4 a text. */
export class KeptColumn {
  private numbers: Float64Array | undefined;
  private codes: Int32Array | undefined;
  private readonly codeOf = new Map<string, number>();
  private size = 0;

  /** @param capacity rows that will be kept at most. */
  constructor(private readonly capacity: number) {}

  append(values: Rows['columns'][string]): void {
    if (values instanceof Float32Array || values instanceof Float64Array) {
      this.numbers ??= new Float64Array(this.capacity);
      this.numbers.set(values, this.size);
    } else {
      this.codes ??= new Int32Array(this.capacity);
      for (const [i, word] of values.entries()) this.codes[this.size + i] = this.code(word);
    }
    this.size += values.length;
  }

  get values(): KeptValues {
    if (this.codes) return { kind: 'texts', codes: this.codes.subarray(0, this.size), words: [...this.codeOf.keys()] };
    return { kind: 'numbers', values: (this.numbers ?? new Float64Array()).subarray(0, this.size) };
  }

  private code(word: string): number {
    const known = this.codeOf.get(word);
    if (known !== undefined) return known;
    this.codeOf.set(word, this.codeOf.size);
    return this.codeOf.size - 1;
  }
}

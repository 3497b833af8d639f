/** Raw columns to what a tabular network is fed: the TypeScript side of preprocessing; the served side is prepare-columns.ts. @module */
import { randomUint32 } from '../data/philox.js';
import type { Batch, BatchData } from './feeds.js';
import { randomPurpose } from './layers.js';
import { type NumberColumn, numbersOf, type Preprocessing, type RawRows, whole, wordsOf } from './preprocessing.js';

/** The network's input with all numbers: standardised values, then indicators, then cycles. */
export const numbersInput = 'numbers';
/** The network's input with the ids of a category column. */
export const idsInput = (column: string): string => `ids.${column}`;

/** What timestamps also enter as: sine and cosine of the time of day and of the day of the week, in UTC. In seconds. */
export const cycleSeconds = [86_400, 7 * 86_400] as const;

/** Which numbers a network is fed, in order. */
export function numberLayout({ numbers }: Preprocessing) {
  const indicators = numbers.flatMap(({ indicator }, index) => (indicator ? [index] : []));
  const timestamps = numbers.flatMap(({ column }, index) => (column.type === 'timestamp' ? [index] : []));
  const width = numbers.length + indicators.length + timestamps.length * 2 * cycleSeconds.length;
  return { indicators, timestamps, width };
}

/** Encodes batches by one preprocessing. The arrays are new with each batch. */
export class RowEncoder {
  readonly #ids: readonly ReadonlyMap<string, bigint>[];
  readonly #layout: ReturnType<typeof numberLayout>;

  constructor(readonly preprocessing: Preprocessing) {
    this.#ids = preprocessing.categories.map(({ words }) => new Map(words.map((word, id) => [word, BigInt(id)])));
    this.#layout = numberLayout(preprocessing);
  }

  /** The network's inputs for raw rows. @throws TY1505 they lack a column */
  encode(rows: RawRows): Batch {
    const ids = this.preprocessing.categories.map(({ column }, index) => {
      const known = this.#ids[index];
      const words = wordsOf(rows, column);
      return [idsInput(column.name), BigInt64Array.from(words, (word) => known?.get(word) ?? 0n)] as const;
    });
    const numbers = this.#layout.width > 0 ? [[numbersInput, this.#numbers(rows)] as const] : [];
    return Object.fromEntries<BatchData>([...numbers, ...ids]);
  }

  #numbers(rows: RawRows): Float32Array {
    const { width, indicators, timestamps } = this.#layout;
    const out = new Float32Array(rows.rows * width);
    const { numbers } = this.preprocessing;
    numbers.forEach((number, index) => {
      const values = numbersOf(rows, number.column);
      const indicator = indicators.indexOf(index);
      const cycles = timestamps.indexOf(index);
      for (let row = 0; row < rows.rows; row++) {
        const value = whole(number.column, values[row] ?? NaN);
        const at = row * width;
        out[at + index] = standardised(number, value);
        if (indicator >= 0) out[at + numbers.length + indicator] = Number(Number.isNaN(value));
        if (cycles >= 0) writeCycles(value, out, at + numbers.length + indicators.length + cycles, timestamps.length);
      }
    });
    return out;
  }
}

/**
 * Makes a share of a training batch's ids unknown, at random by (seed, step), so that row 0 of each table learns what to
 * say of a word that it never saw.
 */
export function forgetWords(
  feeds: Batch,
  { seed, step, share }: { readonly seed: number; readonly step: number; readonly share: number },
): void {
  if (share === 0) return;
  const columns = Object.values(feeds).filter((data) => data instanceof BigInt64Array);
  columns.forEach((ids, layer) => {
    const random = randomUint32(
      { seed, purpose: randomPurpose.forgottenWords, step, layer },
      new Uint32Array(ids.length),
    );
    for (let row = 0; row < ids.length; row++) if ((random[row] ?? 0) < share * 2 ** 32) ids[row] = 0n;
  });
}

function standardised({ mean, deviation, low, high }: NumberColumn, value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(Math.max((value - mean) / deviation, low), high);
}

/** Sine and cosine for each cycle, `stride` apart; 0 for a missing time. */
function writeCycles(seconds: number, out: Float32Array, at: number, stride: number): void {
  cycleSeconds.forEach((period, index) => {
    const turns = seconds / period;
    const angle = Math.fround((turns - Math.floor(turns)) * 2 * Math.PI);
    out[at + 2 * index * stride] = Number.isNaN(seconds) ? 0 : Math.sin(angle);
    out[at + (2 * index + 1) * stride] = Number.isNaN(seconds) ? 0 : Math.cos(angle);
  });
}

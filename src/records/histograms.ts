/** Sparse histograms with fixed bins, so that those of different servers and revisions add up and compare. @module */
import { z } from 'zod';

/** Counts by the number of the bin; empty bins are left out. */
export const Histogram = z.record(z.string().regex(/^-?\d+$/), z.int().positive());
export type Histogram = z.output<typeof Histogram>;

/** Bins of a value: its bin, and the value that stands for a bin. */
export interface Bins {
  readonly binOf: (value: number) => number;
  readonly middleOf: (bin: number) => number;
}

/** Bins of 4.4 % each (16 to a doubling), for milliseconds; what is below 1 µs counts as 1 µs. */
export const durationBins: Bins = {
  binOf: (ms) => Math.floor(16 * Math.log2(Math.max(ms, 0.001))),
  middleOf: (bin) => 2 ** ((bin + 0.5) / 16),
};

/** Bins of 0.02 between −1 and 1, where probabilities lie; of 9 % each (8 to a doubling) beyond. */
export const outputBins: Bins = {
  binOf: (value) => {
    const size = Math.abs(value);
    if (size < 1) return Math.floor(value * 50);
    const beyond = Math.floor(8 * Math.log2(Math.min(size, Number.MAX_VALUE)));
    return value > 0 ? 50 + beyond : -51 - beyond;
  },
  middleOf: (bin) => {
    if (bin >= -50 && bin < 50) return (bin + 0.5) / 50;
    return bin >= 50 ? 2 ** ((bin - 50 + 0.5) / 8) : -(2 ** ((-51 - bin + 0.5) / 8));
  },
};

/** Counts one value. */
export function count(histogram: Histogram, bin: number): void {
  histogram[bin] = (histogram[bin] ?? 0) + 1;
}

/** Adds a histogram to a sum of the same bins. */
export function addTo(sum: Histogram, histogram: Histogram): void {
  for (const [bin, times] of Object.entries(histogram)) sum[bin] = (sum[bin] ?? 0) + times;
}

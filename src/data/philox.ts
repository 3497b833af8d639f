/** Random numbers as a pure function of seed, stream and index: Philox4x32-10, equal to Random123's. @module */

/**
 * One block of Philox4x32-10: four numbers in 0 … 2^32 − 1, a pure function of a counter of four words and a key of two.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC11); agrees with Random123's
 * known answers.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  const block = new Uint32Array(4);
  fillBlock(block, 0, counter, key);
  return [block[0] ?? 0, block[1] ?? 0, block[2] ?? 0, block[3] ?? 0];
}

/** Which random numbers: the same address gives the same numbers, another one independent numbers. Each a whole number in 0 … 2^32 − 1. */
export interface RandomAddress {
  readonly seed: number;
  /** What they are for: keeps, say, a shuffle apart from a dropout mask of the same step. @default 0 */
  readonly purpose?: number;
  /** @default 0 */
  readonly step?: number;
  /** @default 0 */
  readonly layer?: number;
}

/** 2^32 numbers in 0 … 2^32 − 1 at an address, `out[i]` being number `from + i`; `from` is a multiple of 4. */
export function randomUint32(address: RandomAddress, out: Uint32Array, from = 0): Uint32Array {
  const { seed, purpose = 0, step = 0, layer = 0 } = address;
  const counter: [number, number, number, number] = [0, step, layer, 0];
  const key = [seed, purpose] as const;
  const whole = out.length - (out.length % 4);
  for (let i = 0; i < whole; i += 4) {
    counter[0] = (from + i) / 4;
    fillBlock(out, i, counter, key);
  }
  if (whole < out.length) {
    counter[0] = (from + whole) / 4;
    out.set(philox4x32(counter, key).slice(0, out.length - whole), whole);
  }
  return out;
}

/** Uniform in [0, 1): 24 random bits each, so that every value is exact in float32. */
export function randomUniform(address: RandomAddress, out: Float32Array): Float32Array {
  const bits = randomUint32(address, new Uint32Array(out.length));
  for (let i = 0; i < out.length; i++) out[i] = ((bits[i] ?? 0) >>> 8) * 2 ** -24;
  return out;
}

/** Normal with mean 0 and standard deviation 1, by Box and Muller's transform of pairs of 32-bit uniforms; |x| ≤ 6.67. */
export function randomNormal(address: RandomAddress, out: Float32Array): Float32Array {
  const bits = randomUint32(address, new Uint32Array(out.length + (out.length % 2)));
  for (let i = 0; i < out.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((bits[i] ?? 0) + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (bits[i + 1] ?? 0) * 2 ** -32;
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * An inverted dropout mask: 0 with probability `rate` (0 ≤ rate < 1), else 1 / (1 − rate), so that the mean stays. `out[i]` is
 * element `from + i`: a part of a mask is the same as that part of the whole.
 */
export function dropoutMask(address: RandomAddress, rate: number, out: Float32Array, from = 0): Float32Array {
  const before = from % 4; // numbers come in blocks of four
  const bits = randomUint32(address, new Uint32Array(before + out.length), from - before).subarray(before);
  const threshold = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  for (let i = 0; i < out.length; i++) out[i] = (bits[i] ?? 0) < threshold ? 0 : kept;
  return out;
}

/**
 * The numbers 0 … length − 1 in random order, by Fisher and Yates. An index is drawn by scaling a 32-bit number, whose
 * bias is below length / 2^32.
 */
export function randomPermutation(address: RandomAddress, length: number): Uint32Array {
  const bits = randomUint32(address, new Uint32Array(length));
  const order = Uint32Array.from(bits.keys());
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(((bits[i] ?? 0) * (i + 1)) / 2 ** 32);
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}

/** Ten rounds, unrolled into nothing but 32-bit integer arithmetic: 16-bit halves, because Math.imul keeps the low word only. */
function fillBlock(
  out: Uint32Array,
  at: number,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd251, 0x1f53, c0);
    const high1 = multiplyHigh(0xcd9e, 0x8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** The high 32 bits of (high · 2^16 + low) × x; no partial sum reaches 2^32. */
function multiplyHigh(high: number, low: number, x: number): number {
  const xHigh = x >>> 16;
  const xLow = x & 0xffff;
  const middle = Math.imul(high, xLow) + (Math.imul(low, xLow) >>> 16);
  const cross = Math.imul(low, xHigh) + (middle & 0xffff);
  return (Math.imul(high, xHigh) + (middle >>> 16) + (cross >>> 16)) | 0;
}

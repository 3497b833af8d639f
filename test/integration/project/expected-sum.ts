/** What the counting trainer computes, without it. @module */

/** The sum after `steps` steps. */
export function expectedSum(steps: number, seed = 1): number {
  let sum = seed;
  for (let step = 1; step <= steps; step++) sum = (sum * 31 + step) % 1_000_003;
  return sum;
}

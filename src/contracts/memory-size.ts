/** An amount of memory written as people write it. @module */
import { TrainyardError } from './errors.js';

const unitBytes = { MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `'512 MiB'`, `'4 GiB'`. */
export type MemorySize = `${number} ${keyof typeof unitBytes}`;

/** The amount in whole bytes; throws TY1009 for anything that is not a {@link MemorySize}. */
export function toBytes(size: MemorySize): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) (MiB|GiB)$/.exec(size) ?? [];
  // The expression knows both units.
  if (amount === undefined) throw new TrainyardError('TY1009', `"${size}" is not an amount of memory`);
  return Math.round(Number(amount) * unitBytes[unit as keyof typeof unitBytes]);
}

/** A set of version numbers as a short string: a bit for each, four in a hexadecimal digit, so that 5,000 versions take 1,250 characters. @module */

/** Whether the set has the number, from 1 on. */
export function hasVersion(set: string, version: number): boolean {
  return (digitAt(set, version) & bitOf(version)) !== 0;
}

/** The set with the number. */
export function withVersion(set: string, version: number): string {
  const at = placeOf(version);
  const padded = set.padEnd(at + 1, '0');
  return padded.slice(0, at) + (digitAt(set, version) | bitOf(version)).toString(16) + padded.slice(at + 1);
}

function placeOf(version: number): number {
  return Math.floor((version - 1) / 4);
}

function bitOf(version: number): number {
  return 1 << ((version - 1) % 4);
}

function digitAt(set: string, version: number): number {
  return parseInt(set[placeOf(version)] ?? '0', 16);
}

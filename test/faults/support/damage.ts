/** Files that are cut, or have a bit flipped, and are put back afterwards. @module */
import { readFile, rm, writeFile } from 'node:fs/promises';

/** Does something to a file while `work` runs. Its owner may not write to it, root may: it is written anew. */
async function whileChanged<Result>(
  path: string,
  change: (bytes: Buffer) => Buffer,
  work: () => Promise<Result>,
): Promise<Result> {
  const bytes = await readFile(path);
  await replace(path, change(Buffer.from(bytes)));
  try {
    return await work();
  } finally {
    await replace(path, bytes);
  }
}

/** Only its first bytes are left. */
export function whileCut<Result>(path: string, bytes: number, work: () => Promise<Result>): Promise<Result> {
  return whileChanged(path, (whole) => whole.subarray(0, bytes), work);
}

/** One bit is another. */
export function whileFlipped<Result>(path: string, bit: number, work: () => Promise<Result>): Promise<Result> {
  return whileChanged(path, (bytes) => flipped(bytes, bit), work);
}

/** Cuts a file for good. */
export async function cut(path: string, bytes: number): Promise<void> {
  await replace(path, (await readFile(path)).subarray(0, bytes));
}

/** Flips a bit for good. */
export async function flip(path: string, bit: number): Promise<void> {
  await replace(path, flipped(await readFile(path), bit));
}

function flipped(bytes: Buffer, bit: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return bytes;
}

async function replace(path: string, bytes: Buffer): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, bytes, { mode: 0o444 });
}

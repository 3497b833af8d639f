/** Which copies of a cache go first, and what is left alone. @module */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from './durable-files.js';

/** A copy as it lies in the folder. */
export interface CachedCopy {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
  /** It has a name elsewhere, as in an attempt's scratch folder: taking this one away would free nothing. */
  readonly pinned: boolean;
}

/** A copy that was used a moment ago is left to whoever is about to open it. */
const usedLatelyMs = 60_000;
/** A temporary file without a sign of its writer for so long is abandoned. */
const abandonedAfterMs = 24 * 3_600_000;

/** Every copy below a cache's folder. */
export async function copiesIn(folder: string): Promise<CachedCopy[]> {
  const copies: CachedCopy[] = [];
  for (const shard of await namesIn(folder)) {
    if (!/^[0-9a-f]{2}$/.test(shard)) continue;
    for (const sha256 of await namesIn(join(folder, shard))) {
      const path = join(folder, shard, sha256);
      const found = await stat(path).catch(() => undefined);
      if (found) copies.push({ path, sha256, sizeBytes: found.size, usedMs: found.atimeMs, pinned: found.nlink > 1 });
    }
  }
  return copies;
}

/** Removes the least recently used until `bytes` are free. Two processes at once remove the same ones first, which is no harm. */
export async function takeAway(copies: readonly CachedCopy[], bytes: number): Promise<void> {
  let wanted = bytes;
  const latelyMs = Date.now() - usedLatelyMs;
  for (const { path, sizeBytes, usedMs, pinned } of copies.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (wanted <= 0 || usedMs > latelyMs) return;
    if (pinned) continue;
    await rm(path, { force: true });
    wanted -= sizeBytes;
  }
}

/** Removes temporary files of writers that were killed. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < Date.now() - abandonedAfterMs) await rm(path, { force: true });
  }
}

/** Names in a folder; none when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

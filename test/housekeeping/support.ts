/** Stores with old objects, and collections of them. @module */
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { objectKey } from '../../src/contracts/names.js';
import { collectGarbage, type Collected, type CollectOptions, type Kept } from '../../src/housekeeping/collect.js';
import type { KnownRun, KnownRuns } from '../../src/housekeeping/known-runs.js';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A namespace with these runs, whose histories name nothing. */
export function namespaceWith(runs: readonly KnownRun[] = [], oldestAttemptMs = Infinity): KnownRuns {
  return { runs, oldestAttemptMs, retentionMs: 30 * dayMs, refs: () => (async function* () {})() };
}

/** One collection, to its end. */
export async function collected(
  store: ArtifactStore,
  options: Partial<CollectOptions> = {},
): Promise<{ readonly done: readonly Collected[]; readonly kept: Kept }> {
  const collection = collectGarbage({
    store,
    temporal: namespaceWith(),
    graceMs: dayMs,
    keepRunsMs: 30 * dayMs,
    dryRun: false,
    ...options,
  });
  const done: Collected[] = [];
  for (;;) {
    const next = await collection.next();
    if (next.done === true) return { done, kept: next.value };
    done.push(next.value);
  }
}

/** Makes an object of a file store, in its place or condemned, two days old. */
export async function age(
  root: string,
  sha256: string,
  where: 'in its place' | 'condemned' = 'in its place',
): Promise<void> {
  const path = join(root, where === 'condemned' ? `.condemned/${sha256}` : objectKey(sha256));
  await utimes(path, Date.now() / 1_000 - 172_800, Date.now() / 1_000 - 172_800);
}

/** Digests of what lies condemned in a file store. */
export async function condemnedIn(root: string): Promise<string[]> {
  return (await readdir(join(root, '.condemned')).catch(() => [])).sort();
}

export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

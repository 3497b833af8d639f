/** Results of stages that may be used again, by what they depend on. @module */
import { z } from 'zod';
import { digestJson } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { CacheSource } from '../contracts/envelope.js';
import { TrainyardError } from '../contracts/errors.js';
import { cacheEntryKey, cacheFolder } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

/** What a stage's result depends on, part by part: small enough to be read, so that people can see which part differs. */
export const CacheParts = z.object({
  /** `<stage>@<version>` */
  contract: z.string(),
  /** Lockfile or image, and its digest. */
  environment: z.string(),
  /** Digests of the files of the code, by path. */
  code: z.record(z.string(), z.string()),
  /** The input's fields in canonical JSON, or their digest where that is long. */
  input: z.record(z.string(), z.string()),
});
export type CacheParts = z.output<typeof CacheParts>;

const CacheEntry = z.object({
  version: z.literal(1),
  parts: CacheParts,
  output: z.json(),
  source: CacheSource,
  at: z.iso.datetime(),
});
export type CacheEntry = z.output<typeof CacheEntry>;

/** The key under which a result lies: the digest of all parts. */
export function cacheKey(parts: CacheParts): string {
  return digestJson(parts);
}

/** The result for a key; undefined when there is none, or a damaged one. */
export async function readCacheEntry(
  store: ArtifactStore,
  stage: string,
  key: string,
): Promise<CacheEntry | undefined> {
  try {
    return (await readRecord(store, cacheEntryKey(stage, key), CacheEntry))?.body;
  } catch (error) {
    if (error instanceof TrainyardError) return undefined;
    throw error;
  }
}

/** Keeps a result; the first one for a key stays. */
export async function publishCacheEntry(
  store: ArtifactStore,
  stage: string,
  entry: Pick<CacheEntry, 'parts' | 'output' | 'source'>,
): Promise<void> {
  const record = { version: 1, at: new Date().toISOString(), ...entry } satisfies CacheEntry;
  await createRecord(store, cacheEntryKey(stage, cacheKey(entry.parts)), record);
}

/** All results of a stage, oldest first; damaged ones are passed over. */
export async function cacheEntries(store: ArtifactStore, stage: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for await (const path of store.list(cacheFolder(stage))) {
    const key =
      path
        .split('/')
        .at(-1)
        ?.replace(/\.json$/, '') ?? '';
    const entry = await readCacheEntry(store, stage, key);
    if (entry) entries.push(entry);
  }
  return entries.sort((one, other) => (one.at < other.at ? -1 : 1));
}

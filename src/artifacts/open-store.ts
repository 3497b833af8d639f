/** The store that a project's `store` setting names. @module */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '../contracts/errors.js';
import { openFileStore } from './file-store.js';
import { LocalCache } from './local-cache.js';
import type { ArtifactStore } from './store.js';

/**
 * Opens `file:FOLDER` (relative to `baseFolder`, the project's), `file:///FOLDER` or `s3://BUCKET/PREFIX` with its options (docs/stores.md):
 * any of these is also what a store calls itself. An S3 store's local cache is TRAINYARD_CACHE, or `.trainyard/cache/artifacts` of `baseFolder`,
 * and takes TRAINYARD_CACHE_BYTES, or 10 GB. Throws TY1204 for another scheme or option, TY1206 for a folder that cannot hold a store.
 */
export async function openStore(uri: string, options: { readonly baseFolder: string }): Promise<ArtifactStore> {
  const [, scheme, path = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/s.exec(uri) ?? [];
  if (scheme === 's3') {
    // The SDK takes a quarter of a second to load: only where it is needed.
    const { openS3Store } = await import('./s3-store.js');
    return openS3Store(uri, { cache: openCache(options.baseFolder) });
  }
  if (scheme !== 'file' || path === '')
    throw new TrainyardError('TY1204', `"${uri}" does not name a store that this version opens`);
  return openFileStore(path.startsWith('//') ? folderOf(uri) : resolve(options.baseFolder, path));
}

/** The local cache of a project's S3 stores and sources, by the rule of {@link openStore}. */
export function openCache(baseFolder: string): LocalCache {
  const { TRAINYARD_CACHE: folder, TRAINYARD_CACHE_BYTES: bytes } = process.env;
  const limitBytes = Number(bytes ?? 10e9);
  if (!(limitBytes >= 0))
    throw new TrainyardError('TY1204', `TRAINYARD_CACHE_BYTES is "${bytes ?? ''}", not a number of bytes`, {
      remedy: 'Write a number: 10000000000 is 10 GB',
    });
  return new LocalCache({ folder: resolve(baseFolder, folder ?? '.trainyard/cache/artifacts'), limitBytes });
}

function folderOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrainyardError('TY1204', `"${uri}" does not name a folder of this machine`, { cause });
  }
}

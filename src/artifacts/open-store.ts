/** The store that a project's `store` setting names. @module */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '../contracts/errors.js';
import { openFileStore } from './file-store.js';
import type { ArtifactStore } from './store.js';

/**
 * Opens `file:FOLDER` (relative to `baseFolder`, the project's) or `file:///FOLDER`, which is also what a store calls itself.
 * Throws TY1204 for another scheme, TY1206 for a folder that cannot hold a store.
 */
export async function openStore(uri: string, options: { readonly baseFolder: string }): Promise<ArtifactStore> {
  const [, scheme, path = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/s.exec(uri) ?? [];
  if (scheme !== 'file' || path === '')
    throw new TrainyardError('TY1204', `"${uri}" does not name a store that this version opens`);
  return openFileStore(path.startsWith('//') ? folderOf(uri) : resolve(options.baseFolder, path));
}

function folderOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrainyardError('TY1204', `"${uri}" does not name a folder of this machine`, { cause });
  }
}

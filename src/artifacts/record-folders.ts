/** Records as files in folders: listed in the order of their keys; a folder that is empty goes. @module */
import { existsSync, rmdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno, linkNew, makeFolder, whenDescriptorsAreFree } from './durable-files.js';

/** The keys of all records below a folder, ascending. */
export async function* keysBelow(root: string, prefix: string): AsyncGenerator<string, void, undefined> {
  for (const name of await namesIn(join(root, prefix))) {
    if (name.endsWith('/')) yield* keysBelow(root, prefix + name);
    else yield prefix + name;
  }
}

/** Gives a record its name; false when the name is taken. Its folder is made again when {@link removeWithFolders} was faster. */
export async function linkRecord(path: string, target: string): Promise<boolean> {
  for (let triesLeft = 5; ; triesLeft--) {
    try {
      return linkNew(path, target);
    } catch (error) {
      if (triesLeft === 0 || !isErrno(error, 'ENOENT')) throw error;
      await makeFolder(dirname(target)).catch(ignoreVanished);
    }
  }
}

/** Removes a record and the folders below `root` that it leaves empty: years of runs would leave as many. */
export async function removeWithFolders(root: string, key: string): Promise<void> {
  await rm(join(root, key), { force: true });
  try {
    for (let folder = dirname(key); folder !== '.'; folder = dirname(folder)) rmdirSync(join(root, folder));
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}

/** For a folder that was removed while it was being made: linking makes it again. */
export function ignoreVanished(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error;
}

/** Folders with their `/`, so that sorting names sorts the keys: `a-b` comes before `a/b`. */
async function namesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []; // what every first attempt asks for: 10 µs instead of 200
  try {
    const entries = await whenDescriptorsAreFree(() => readdir(folder, { withFileTypes: true }));
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

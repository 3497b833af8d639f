/** A folder as an artifact: each file by its digest, and a manifest of their paths whose digest stands for all. @module */
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { TrainyardError } from '../contracts/errors.js';
import { Ref } from '../contracts/refs.js';
import { isErrno, makeFolder, syncFolder, writeNewFile } from './durable-files.js';
import { putJson, readJson } from './json.js';
import type { ArtifactStore } from './store.js';
import type { Content } from './verified.js';

const FilePath = z
  .string()
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'not a path within the folder',
  );

/** Behind the ref of a folder: its files by path (`/` between names), sorted. Modes, times and empty folders are not kept. */
export const FolderManifest = z.object({
  version: z.literal(1),
  files: z.array(z.object({ path: FilePath, ref: Ref })),
});
export type FolderManifest = z.output<typeof FolderManifest>;

/** Stores a folder's files and gives the ref of its manifest; throws TY1207 for a link, a socket or a device in it. */
export async function putFolder(store: ArtifactStore, folder: string): Promise<Ref> {
  const files: FolderManifest['files'] = [];
  for (const path of (await pathsIn(folder, '')).sort())
    files.push({ path, ref: await store.put({ path: join(folder, path) }) });
  return putJson(store, { version: 1, files } satisfies FolderManifest);
}

/** Writes a stored folder to `target`, which must not exist or be empty: all of it, verified, or nothing. Throws TY1207 otherwise. */
export async function fetchFolder(store: ArtifactStore, ref: Content, target: string): Promise<void> {
  const { files } = await readJson(store, ref, FolderManifest);
  const partial = `${resolve(target)}.${randomBytes(8).toString('hex')}.partial`;
  try {
    await makeFolder(partial);
    for (const file of files) await writeNewFile(join(partial, file.path), store.get(file.ref));
    await rename(partial, target);
    await syncFolder(dirname(resolve(target)));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'))
      throw new TrainyardError('TY1207', `${target} exists and is not an empty folder`, { cause: error });
    throw error;
  }
}

async function pathsIn(folder: string, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) paths.push(...(await pathsIn(folder, `${path}/`)));
    else if (entry.isFile()) paths.push(path);
    else throw new TrainyardError('TY1207', `${join(folder, path)} is neither a file nor a folder`);
  }
  return paths;
}

/** Artifacts as files on this machine: whole and verified under their name, or not there. @module */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder, syncFolder, writeNewFile } from '../artifacts/durable-files.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Content } from '../artifacts/verified.js';
import { TrainyardError } from '../contracts/errors.js';

/** An artifact and the path that it gets. */
interface NamedArtifact {
  readonly path: string;
  readonly ref: Content;
}

/** Writes one artifact to `path`. Throws TY1921 when that exists, unless it is to be overwritten. */
export async function writeArtifact(
  store: ArtifactStore,
  { path, ref }: NamedArtifact,
  { force }: { readonly force: boolean },
): Promise<void> {
  await inPlace(path, force, (temporary) => writeNewFile(temporary, store.get(ref)));
}

/**
 * Writes artifacts into the folder `folder`: all of them, or none where it does not exist yet. Throws TY1921 when it does, unless its files
 * are to be overwritten: then they are, one by one, and others stay.
 */
export async function writeArtifacts(
  store: ArtifactStore,
  files: readonly NamedArtifact[],
  folder: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  if (force && existsSync(folder))
    for (const { path, ref } of files) await writeArtifact(store, { path: join(folder, path), ref }, { force });
  else
    await inPlace(folder, false, async (temporary) => {
      for (const { path, ref } of files) await writeNewFile(join(temporary, path), store.get(ref));
    });
}

/** Makes something under a temporary name beside `path`, then gives it its name. */
async function inPlace(path: string, force: boolean, make: (temporary: string) => Promise<void>): Promise<void> {
  const target = resolve(path);
  if (!force && existsSync(target)) throw new TrainyardError('TY1921', `${target} exists`);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  await makeFolder(dirname(target));
  try {
    await make(temporary);
    await rename(temporary, target);
    await syncFolder(dirname(target));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A server's place on its machine: a numbered folder that no other living process has. @module */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../artifacts/durable-files.js';
import { tryLock } from '../artifacts/lock.js';
import { placeFile } from './model-folder.js';

/** A folder that is one server's until it is released, or its process ends. */
export interface OwnFolder {
  readonly path: string;
  /** Stays with the folder: a server that is started again there is the same one. */
  readonly id: string;
  release(): Promise<void>;
}

/** The first free one below `root`: a server that is started again finds what it left. */
export async function takeOwnFolder(root: string): Promise<OwnFolder> {
  for (let number = 1; ; number++) {
    const taken = await take(join(root, String(number)));
    if (taken !== undefined) return taken;
  }
}

/** What servers left that do not run any more, below `root`: each is held while it is looked at. */
export async function* abandonedFolders(root: string): AsyncGenerator<OwnFolder, void, undefined> {
  for (const name of await readdir(root)) {
    const found = /^\d+$/.test(name) ? await take(join(root, name)) : undefined;
    if (found === undefined) continue;
    try {
      yield found;
    } finally {
      await found.release();
    }
  }
}

/** A name for a server that keeps nothing. */
export function newServerId(): string {
  return `${hostname()}-${randomUUID().slice(0, 8)}`;
}

async function take(path: string): Promise<OwnFolder | undefined> {
  mkdirSync(path, { recursive: true });
  const release = await tryLock(path);
  return release && { path, id: idIn(path), release };
}

function idIn(path: string): string {
  const file = join(path, 'id');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  const id = newServerId();
  placeFile(file, id);
  return id;
}

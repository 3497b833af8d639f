/** A folder for each attempt that wants one, and the folders of attempts whose worker is gone. @module */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../artifacts/durable-files.js';

// Containers may share a volume but not their process ids: a folder is judged only by the host that made it.
const host = hostname().replace(/[^A-Za-z0-9]/g, '_');

/** The scratch folder of one attempt, made when it is first asked for: short stages need none. */
export class Scratch {
  readonly #root: string;
  #path: string | undefined;

  /** @param root where the folder is made, with its parents */
  constructor(root: string) {
    this.#root = root;
  }

  get path(): string {
    if (this.#path === undefined) {
      mkdirSync(this.#root, { recursive: true });
      this.#path = mkdtempSync(join(this.#root, `${host}-${process.pid}-`));
    }
    return this.#path;
  }

  async remove(): Promise<void> {
    if (this.#path !== undefined) await removeFolder(this.#path);
  }
}

/** Clears away what killed workers of this host left below `root`. */
export async function sweepScratch(root: string): Promise<void> {
  for (const name of await namesIn(root)) {
    const [maker, pid] = name.split('-');
    if (maker === host && pid !== undefined && !lives(Number(pid))) await removeFolder(join(root, name));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, 'ESRCH'); // EPERM: it lives, as another user.
  }
}

/** A folder for each attempt, and the folders of attempts whose worker is gone. @module */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

// Containers may share a volume but not their process ids: a folder is judged only by the host that made it.
const host = hostname().replace(/[^A-Za-z0-9]/g, '_');

/** Makes an attempt's folder below `root` and clears away what killed workers of this host left there. */
export async function makeScratch(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  await sweep(root);
  return mkdtemp(join(root, `${host}-${process.pid}-`));
}

/** Removes an attempt's folder. */
export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const [maker, pid] = name.split('-');
    if (maker === host && pid !== undefined && !lives(Number(pid))) await removeScratch(join(root, name));
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as another user.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

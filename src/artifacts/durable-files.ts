/** Files that survive a power cut: all bytes written, the file synced, then its name. @module */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** Without a sign of its writer for this long, a temporary file of another machine is abandoned. */
const abandonedAfterMs = 24 * 3_600_000;

/** The part of a file handle that {@link writeAll} needs. */
export interface Writable {
  write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
}

/** Writes every byte: a disk that is nearly full first takes a part and reports no error; only the next write fails. */
export async function writeAll(file: Writable, bytes: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.byteLength - offset);
    if (bytesWritten === 0) throw Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' });
    offset += bytesWritten;
  }
}

/** Makes names created, linked or renamed in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder with its parents, and their names durable. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const parents: string[] = [];
  for (let made = folder; made.length >= first.length; made = dirname(made)) parents.push(dirname(made));
  await Promise.all(parents.map(syncFolder));
}

/** Gives a file a second name, atomically; false when the name is taken. */
export async function linkNew(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Writes a temporary file in `folder`, syncs it, lets `place` give it its name by link or rename, and removes what is left of
 * it whatever happens. A writer that is killed leaves it to {@link sweep}.
 */
export async function writeThenPlace<T>(
  folder: string,
  fill: (file: FileHandle) => Promise<T>,
  place: (path: string, filled: T) => Promise<void>,
): Promise<T> {
  const path = join(folder, `${machine()}-${process.pid}-${randomBytes(8).toString('hex')}`);
  try {
    const file = await open(path, 'wx', 0o444);
    let filled: T;
    try {
      filled = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(path, filled);
    return filled;
  } finally {
    await rm(path, { force: true });
  }
}

/** Removes temporary files whose writer is dead, or whose writer is on another machine and gave no sign for a day. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [owner, pid] = name.split('-');
    const path = join(folder, name);
    const abandoned =
      owner === machine()
        ? !isAlive(Number(pid))
        : ((await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity) < Date.now() - abandonedAfterMs;
    if (abandoned) await rm(path, { force: true });
  }
}

/** Whether a system error has one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

let machineId: string | undefined;

/** Where a process id means the same process: this boot of this machine, in this container. */
function machine(): string {
  machineId ??= createHash('sha256').update(identity()).digest('hex').slice(0, 12);
  return machineId;
}

function identity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid');
  } catch {
    return hostname(); // no /proc: macOS
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

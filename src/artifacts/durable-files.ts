/** Files that survive a power cut: all bytes written, the file synced, then its name. @module */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  write as writeCallback,
  writeSync,
} from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Without a sign of its writer for this long, a temporary file of another machine is abandoned. */
const abandonedAfterMs = 24 * 3_600_000;

// Opening, naming and writing a few bytes takes 10 to 20 µs of a local disk, and four times as much through the thread pool: a record
// is some twenty such calls. Only what waits for the disk itself, or writes much, leaves the event loop.
const syncFile = promisify(fsync);
const writeSlowly = promisify(writeCallback);
const fewBytes = 64 * 1024;

/** Writes a part of some bytes to a file, or all; resolves to their number. */
export type WriteSome = (file: number, bytes: Uint8Array, offset: number, length: number) => Promise<number>;

const writeSome: WriteSome = async (file, bytes, offset, length) =>
  length <= fewBytes
    ? writeSync(file, bytes, offset, length)
    : (await writeSlowly(file, bytes, offset, length, null)).bytesWritten;

/** Writes every byte: a disk that is nearly full first takes a part and reports no error; only the next write fails. */
export async function writeAll(file: number, bytes: Uint8Array, write: WriteSome = writeSome): Promise<void> {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const written = await write(file, bytes, offset, bytes.byteLength - offset);
    if (written === 0) throw Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' });
    offset += written;
  }
}

/**
 * Opens something, and waits for up to 20 s while this process or the machine has no file descriptor left: whoever took them closes some
 * soon, and a failed attempt would cost far more.
 */
export async function whenDescriptorsAreFree<T>(open: () => T | Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + 20_000;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isErrno(error, 'EMFILE', 'ENFILE') || performance.now() > deadlineMs) throw error;
      await setTimeout(20);
    }
  }
}

/** Writes every byte to its place in a file. */
export async function writeAt(file: number, bytes: Uint8Array, position: number): Promise<void> {
  await writeAll(
    file,
    bytes,
    async (_, all, offset, length) => (await writeSlowly(file, all, offset, length, position + offset)).bytesWritten,
  );
}

/** Makes names created, linked or renamed in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await whenDescriptorsAreFree(() => openSync(folder, 'r'));
  try {
    await syncFile(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder with its parents, and their names durable. */
export async function makeFolder(folder: string): Promise<void> {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  const parents: string[] = [];
  for (let made = folder; made.length >= first.length; made = dirname(made)) parents.push(dirname(made));
  await Promise.all(parents.map(syncFolder));
}

/** Gives a file a second name, atomically; false when the name is taken. */
export function linkNew(path: string, target: string): boolean {
  try {
    linkSync(path, target);
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
  fill: (file: number) => Promise<T>,
  place: (path: string, filled: T) => Promise<void>,
): Promise<T> {
  const path = join(folder, `${machine()}-${process.pid}-${randomUUID()}`);
  try {
    const file = await whenDescriptorsAreFree(() => openSync(path, 'wx', 0o444));
    let filled: T;
    try {
      filled = await fill(file);
      await syncFile(file);
    } finally {
      closeSync(file);
    }
    await place(path, filled);
    return filled;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Writes a file that must not exist, with the folders that it lies in; its bytes are durable when the promise resolves, its name is not. */
export async function writeNewFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await whenDescriptorsAreFree(() => open(path, 'wx'));
  try {
    for await (const chunk of chunks) await writeAll(file.fd, chunk);
    await file.sync();
  } finally {
    await file.close();
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

/** Changes when the file is replaced or written to; undefined when there is none. */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(':');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
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

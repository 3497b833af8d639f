/** One process at a time: a lock that cannot be left behind. @module */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { announce, departure, isAlive, socketFolder } from './presence.js';

/**
 * Runs `work` while no other process runs its own under the same `folder`; `onWait` is called when it has to wait. The
 * lock of a process that dies, by kill -9 too, is free at once.
 *
 * The sockets are numbered and the greatest number is the lock. Whoever finds it dead creates the next number (create-only)
 * and only then removes the lower ones, so that the greatest number never falls; one who comes late and fills a gap below
 * sees the greater number and starts again. A single well-known name would not do: of two that find it stale, the slower
 * would remove the lock that the faster has just taken.
 */
export async function withLock<T>(folder: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const sockets = await socketFolder(folder);
  const release = await acquire(sockets, (newest) => departure(newest, onWait));
  try {
    return await work();
  } finally {
    await release();
  }
}

/** The lock of a folder if no living process has it; what is given ends it, as the end of this process does. */
export async function tryLock(folder: string): Promise<(() => Promise<void>) | undefined> {
  const busy = new Error('somebody has the lock');
  const sockets = await socketFolder(folder);
  try {
    return await acquire(sockets, async (newest) => {
      if (await isAlive(newest)) throw busy;
      return false;
    });
  } catch (error) {
    if (error === busy) return undefined;
    throw error;
  }
}

/** @param isTaken whether somebody had the lock with this socket, so that it is to be tried again. */
async function acquire(sockets: string, isTaken: (newest: string) => Promise<boolean>): Promise<() => Promise<void>> {
  for (;;) {
    const newest = Math.max(0, ...(await numbers(sockets)));
    if (await isTaken(join(sockets, `${newest}.sock`))) continue;
    const mine = newest + 1;
    const presence = await announce(sockets, `${mine}.sock`);
    if (presence === undefined) continue;
    const others = (await numbers(sockets)).filter((number) => number !== mine);
    if (others.every((number) => number < mine)) {
      for (const number of others) await rm(join(sockets, `${number}.sock`), { force: true });
      return presence.withdraw;
    }
    await presence.withdraw();
    await rm(join(sockets, `${mine}.sock`), { force: true });
  }
}

async function numbers(sockets: string): Promise<number[]> {
  return (await readdir(sockets))
    .map((name) => /^(\d+)\.sock$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number);
}

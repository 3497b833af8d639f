/** A folder of verified copies: bounded, least recently used first to go, shared by any number of processes. @module */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TrainyardError } from '../contracts/errors.js';
import { readChunks } from './digest.js';
import { isErrno, writeAll } from './durable-files.js';
import { type Content, verified } from './verified.js';

/** What a cache is opened with. */
export interface CacheOptions {
  /** Made when it is first needed. */
  readonly folder: string;
  /** Copies may take so many bytes; those that are in use count, and stay. */
  readonly limitBytes: number;
}

/** A copy that was used a moment ago is left to whoever is about to open it. */
const usedLatelyMs = 60_000;
/** What is taken away goes down to this share of the limit: looking at every copy is not for every new one. */
const goal = 0.9;
/** How much a process may add before it looks again, as a share of the limit: others add too. */
const lookEvery = 0.05;
/** A temporary file without a sign of its writer for so long is abandoned. */
const abandonedAfterMs = 24 * 3_600_000;

interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
  /** It has a name elsewhere, as in an attempt's scratch folder: taking this one away would free nothing. */
  readonly pinned: boolean;
}

/**
 * Copies by digest. Nothing is synced to the disk: a copy is verified when a process first meets it, and fetched again when it is not
 * whole. A reader that has opened a copy keeps it; one that needs its path for longer links it (`pinning`).
 */
export class LocalCache {
  readonly #options: CacheOptions;
  /** What a copy was when this process verified it. */
  readonly #verified = new Map<string, string>();
  readonly #fetching = new Map<string, Promise<string>>();
  #addedBytes = Infinity;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** For files on the way: of this cache, or of others that want the same disk. */
  get incoming(): string {
    return join(this.#options.folder, '.incoming');
  }

  /**
   * Path of a verified, read-only copy; `fetch` gives the bytes, verified, where there is none: each chunk is written while the next
   * one comes, so it must stay as it is until the second next one is asked for. Throws what `fetch` throws, and
   * TY1203 when the disk is full after everything that is not in use was taken away.
   */
  async file(content: Content, fetch: () => AsyncIterable<Uint8Array>): Promise<string> {
    const found = await this.find(content);
    if (found !== undefined) return found;
    const running = this.#fetching.get(content.sha256) ?? this.#fetch(content, fetch);
    this.#fetching.set(content.sha256, running);
    try {
      return await running;
    } finally {
      this.#fetching.delete(content.sha256);
    }
  }

  /** Path of a copy, verified; undefined where there is none. One that is damaged is removed. */
  async find(content: Content): Promise<string | undefined> {
    const path = this.#pathOf(content);
    const stamp = await stampOf(path);
    if (stamp === undefined) return undefined;
    if (this.#verified.get(content.sha256) !== stamp && !(await isWhole(path, content))) {
      await rm(path, { force: true });
      return undefined;
    }
    this.#verified.set(content.sha256, stamp);
    const now = new Date();
    // Only the time of use: that of change is part of what was verified. Taken away meanwhile, it is fetched again.
    const { mtime } = await stat(path).catch(() => ({ mtime: undefined }));
    if (mtime === undefined) return undefined;
    await utimes(path, now, mtime).catch(() => undefined);
    return path;
  }

  /** Makes a whole file of {@link incoming} a copy. */
  async adopt(path: string, content: Content): Promise<string> {
    const target = this.#pathOf(content);
    await mkdir(dirname(target), { recursive: true });
    // In place of a copy that another process has fetched meanwhile: both are whole.
    await rename(path, target);
    const stamp = await stampOf(target);
    if (stamp !== undefined) this.#verified.set(content.sha256, stamp);
    return target;
  }

  /** Takes copies away until so many bytes more fit below the limit, as far as they are not in use. */
  async makeRoom(bytes: number): Promise<void> {
    const { limitBytes } = this.#options;
    this.#addedBytes += bytes;
    if (this.#addedBytes < limitBytes * lookEvery) return;
    const entries = await this.#entries();
    const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#addedBytes = bytes;
    if (total + bytes > limitBytes) await takeAway(entries, total + bytes - limitBytes * goal);
  }

  async #fetch(content: Content, fetch: () => AsyncIterable<Uint8Array>): Promise<string> {
    await this.makeRoom(content.sizeBytes);
    try {
      return await this.#write(content, fetch());
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      await takeAway(await this.#entries(), Infinity);
    }
    try {
      return await this.#write(content, fetch());
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      throw new TrainyardError('TY1203', `the disk of the cache ${this.#options.folder} is full`, { cause: error });
    }
  }

  async #write(content: Content, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    await mkdir(this.incoming, { recursive: true });
    const path = join(this.incoming, `${process.pid}-${randomUUID()}`);
    try {
      const file = openSync(path, 'wx', 0o444);
      let written = Promise.resolve();
      try {
        for await (const chunk of chunks) {
          await written;
          written = writeAll(file, chunk);
          written.catch(() => undefined); // awaited with the next one
        }
        await written;
      } finally {
        await written.catch(() => undefined);
        closeSync(file);
      }
      return await this.adopt(path, content);
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Every copy; what killed writers left behind is removed on the way. */
  async #entries(): Promise<Entry[]> {
    for (const name of await namesIn(this.incoming)) {
      const path = join(this.incoming, name);
      const found = await stat(path).catch(() => undefined);
      if (found && found.mtimeMs < Date.now() - abandonedAfterMs) await rm(path, { force: true });
    }
    const entries: Entry[] = [];
    for (const shard of await namesIn(this.#options.folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const name of await namesIn(join(this.#options.folder, shard))) {
        const path = join(this.#options.folder, shard, name);
        const found = await stat(path).catch(() => undefined);
        if (found) entries.push({ path, sizeBytes: found.size, usedMs: found.atimeMs, pinned: found.nlink > 1 });
      }
    }
    return entries;
  }

  #pathOf({ sha256 }: Content): string {
    return join(this.#options.folder, sha256.slice(0, 2), sha256);
  }
}

/** Removes the least recently used until `bytes` are free. Two processes at once remove the same ones first, which is no harm. */
async function takeAway(entries: readonly Entry[], bytes: number): Promise<void> {
  let wanted = bytes;
  const latelyMs = Date.now() - usedLatelyMs;
  for (const { path, sizeBytes, usedMs, pinned } of entries.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (wanted <= 0 || usedMs > latelyMs) return;
    if (pinned) continue;
    await rm(path, { force: true });
    wanted -= sizeBytes;
  }
}

async function isWhole(path: string, content: Content): Promise<boolean> {
  try {
    const chunks = verified(content, path, readChunks(path));
    while ((await chunks.next()).done !== true);
    return true;
  } catch (error) {
    if (error instanceof TrainyardError || isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(':');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

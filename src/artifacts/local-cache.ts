/** A folder of verified copies: bounded, least recently used first to go, shared by any number of processes. @module */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TrainyardError } from '../contracts/errors.js';
import { copiesIn, namesIn, removeAbandoned, takeAway } from './cache-eviction.js';
import { readThrough } from './digest.js';
import { isErrno, stampOf, whenDescriptorsAreFree } from './durable-files.js';
import { type Content, verified } from './verified.js';

/** What a cache is opened with. */
export interface CacheOptions {
  /** Made when it is first needed. */
  readonly folder: string;
  /** Copies may take so many bytes; those that are in use count, and stay. */
  readonly limitBytes: number;
}

/** A copy and what it is of. */
export interface Copy {
  readonly path: string;
  readonly content: Content;
}

/** Writes all bytes to an empty file, open for reading and writing, and tells what they are; nothing writes to it any more when it ends. */
export type Fill = (file: number) => Promise<Content>;

/** What is taken away goes down to this share of the limit: looking at every copy is not for every new one. */
const goal = 0.9;
/** How much a process may add before it looks again, as a share of the limit: others add too. */
const lookEvery = 0.05;

/**
 * Copies by digest. Nothing is synced to the disk: a copy is verified when a process first meets it, and fetched again when it is not
 * whole. A reader that has opened a copy keeps it; one that needs its path for longer links it (`pinning`).
 */
export class LocalCache {
  /** For files on the way: of this cache, or of others that want the same disk. */
  readonly incoming: string;
  readonly #folder: string;
  readonly #limitBytes: number;
  /** Empty files whose names say which content stands for a state of something elsewhere. */
  readonly #states: string;
  /** What a copy was when this process verified it. */
  readonly #verified = new Map<string, string>();
  readonly #fetching = new Map<string, Promise<Copy>>();
  #addedBytes = Infinity;

  constructor({ folder, limitBytes }: CacheOptions) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    this.incoming = join(folder, '.incoming');
    this.#states = join(folder, '.states');
  }

  /**
   * Path of a verified, read-only copy; `fill` gives the bytes, verified, where there is none. Throws what `fill` throws, and TY1203
   * when the disk is full after everything that is not in use was taken away.
   */
  async file(content: Content, fill: Fill): Promise<string> {
    const found = await this.find(content);
    if (found !== undefined) return found;
    const running = this.#fetching.get(content.sha256) ?? this.#add(fill, content.sizeBytes);
    this.#fetching.set(content.sha256, running);
    try {
      return (await running).path;
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
    return (await isNowUsed(path)) ? path : undefined;
  }

  /** Adds bytes whose digest nobody knows yet; like {@link file}. `state`, a sha256, stands for where they come from: see {@link recall}. */
  async keep(fill: Fill, sizeBytes: number, state: string): Promise<Copy> {
    const copy = await this.#add(fill, sizeBytes);
    await mkdir(this.#states, { recursive: true });
    await writeFile(join(this.#states, `${state}.${copy.content.sha256}.${copy.content.sizeBytes}`), '');
    return copy;
  }

  /** What was kept for a state, as far as anybody remembers; {@link find} tells whether the copy is still there. */
  async recall(state: string): Promise<Content | undefined> {
    const name = (await namesIn(this.#states)).find((one) => one.startsWith(state));
    const [, sha256, size] = name?.split('.') ?? [];
    return sha256 === undefined ? undefined : { sha256, sizeBytes: Number(size) };
  }

  async #add(fill: Fill, sizeBytes: number): Promise<Copy> {
    await this.#makeRoom(sizeBytes);
    try {
      return await this.#write(fill);
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      await takeAway(await copiesIn(this.#folder), Infinity);
    }
    try {
      return await this.#write(fill);
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      throw new TrainyardError('TY1203', `the disk of the cache ${this.#folder} is full`, { cause: error });
    }
  }

  async #write(fill: Fill): Promise<Copy> {
    const path = join(this.incoming, `${process.pid}-${randomUUID()}`);
    try {
      const { content } = await fillNewFile(path, fill);
      const target = this.#pathOf(content);
      await mkdir(dirname(target), { recursive: true });
      // In place of a copy that another process has fetched meanwhile: both are whole.
      await rename(path, target);
      const stamp = await stampOf(target);
      if (stamp !== undefined) this.#verified.set(content.sha256, stamp);
      return { path: target, content };
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Takes copies away until so many bytes more fit below the limit, as far as they are not in use. */
  async #makeRoom(bytes: number): Promise<void> {
    this.#addedBytes += bytes;
    if (this.#addedBytes < this.#limitBytes * lookEvery) return;
    this.#addedBytes = bytes;
    await removeAbandoned(this.incoming);
    const copies = await copiesIn(this.#folder);
    const total = copies.reduce((sum, { sizeBytes }) => sum + sizeBytes, bytes);
    if (total > this.#limitBytes) await takeAway(copies, total - this.#limitBytes * goal);
    const left = new Set(copies.map(({ sha256 }) => sha256));
    for (const name of await namesIn(this.#states))
      if (!left.has(name.split('.')[1] ?? '')) await rm(join(this.#states, name), { force: true });
  }

  #pathOf({ sha256 }: Content): string {
    return join(this.#folder, sha256.slice(0, 2), sha256);
  }
}

/** Whether a cache failed for its disk: full, broken, or not this user's. What was to be cached may be had all the same. */
export function isUnwritable(error: unknown): boolean {
  return (
    (error instanceof TrainyardError && error.code === 'TY1203') ||
    isErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR')
  );
}

/** Makes a read-only file with the folders that it lies in. */
export async function fillNewFile(path: string, fill: Fill): Promise<Copy> {
  await mkdir(dirname(path), { recursive: true });
  const file = await whenDescriptorsAreFree(() => openSync(path, 'wx+', 0o444));
  try {
    return { path, content: await fill(file) };
  } finally {
    closeSync(file);
  }
}

/** Sets the time of use, and only that: the time of change is part of what was verified. False when the copy was taken away meanwhile. */
async function isNowUsed(path: string): Promise<boolean> {
  try {
    const { mtime } = await stat(path);
    await utimes(path, new Date(), mtime);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    if (isUnwritable(error)) return true; // a copy that will be taken for an old one is still a copy
    throw error;
  }
}

async function isWhole(path: string, content: Content): Promise<boolean> {
  try {
    const chunks = verified(content, path, readThrough(path));
    while ((await chunks.next()).done !== true);
    return true;
  } catch (error) {
    if (error instanceof TrainyardError || isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

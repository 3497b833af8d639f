/** Housekeeping of a store in a folder: a condemned object is renamed into `.condemned/`, its time says when. @module */
import { opendir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { objectKey } from '../contracts/names.js';
import { isErrno, linkNew, makeFolder, syncFolder, writeThenPlace } from './durable-files.js';
import { type Housekeeping, renewAfterMs, type StoredObject, type StoredRecord } from './housekeeping.js';
import { assertRecordFolder, assertRecordKey } from './keys.js';
import { keysBelow, removeWithFolders } from './record-folders.js';

const objectName = /^[0-9a-f]{64}$/;

export class FileHousekeeping implements Housekeeping {
  readonly #condemned: string;

  constructor(
    readonly root: string,
    readonly incoming: string,
  ) {
    this.#condemned = join(root, '.condemned');
  }

  /** The file system's clock: that of the server, where the folder is mounted from one. */
  async now(): Promise<number> {
    let nowMs = 0;
    await writeThenPlace(
      this.incoming,
      () => Promise.resolve(),
      async (path) => {
        nowMs = (await stat(path)).mtimeMs;
      },
    );
    return nowMs;
  }

  async *objects(): AsyncGenerator<StoredObject, void, undefined> {
    const shards = join(this.root, 'objects', 'sha256');
    for (const shard of (await readdir(shards).catch(none)) ?? []) yield* objectsIn(join(shards, shard));
  }

  condemned(): AsyncGenerator<StoredObject, void, undefined> {
    return objectsIn(this.#condemned);
  }

  async condemn({ sha256, writtenMs }: StoredObject): Promise<boolean> {
    const place = this.#place(sha256);
    const aside = join(this.#condemned, sha256);
    await makeFolder(this.#condemned);
    const now = new Date(await this.now());
    if ((await stat(place).catch(none))?.mtimeMs !== writtenMs) return false;
    try {
      // The time first: killed in between, it is an object in its place that counts as new.
      await utimes(place, now, now);
      await rename(place, aside);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
    await syncFolder(this.#condemned);
    await syncFolder(dirname(place));
    return true;
  }

  async restore(sha256: string): Promise<boolean> {
    const place = this.#place(sha256);
    const aside = join(this.#condemned, sha256);
    try {
      linkNew(aside, place);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    }
    await syncFolder(dirname(place));
    await rm(aside, { force: true });
    return true;
  }

  discard(sha256: string): Promise<void> {
    return rm(join(this.#condemned, sha256), { force: true });
  }

  async *records(prefix: string): AsyncGenerator<StoredRecord, void, undefined> {
    assertRecordFolder(prefix);
    for await (const key of keysBelow(this.root, prefix)) {
      const found = await stat(join(this.root, key)).catch(none);
      if (found) yield { key, sizeBytes: found.size, writtenMs: found.mtimeMs };
    }
  }

  async removeRecord(key: string): Promise<void> {
    assertRecordKey(key);
    await removeWithFolders(this.root, key);
  }

  /** Makes an object count as written now, when it is older than it may be. Gone: it was just condemned, and who reads it brings it back. */
  async renew(sha256: string, nowMs: number): Promise<void> {
    const place = this.#place(sha256);
    const found = await stat(place).catch(none);
    if (found && found.mtimeMs < nowMs - renewAfterMs) await utimes(place, nowMs / 1000, nowMs / 1000).catch(none);
  }

  #place(sha256: string): string {
    return join(this.root, objectKey(sha256));
  }
}

async function* objectsIn(folder: string): AsyncGenerator<StoredObject, void, undefined> {
  const entries = await opendir(folder).catch(none);
  if (!entries) return;
  for await (const { name } of entries) {
    const found = objectName.test(name) ? await stat(join(folder, name)).catch(none) : undefined;
    if (found) yield { sha256: name, sizeBytes: found.size, writtenMs: found.mtimeMs };
  }
}

/** Undefined for a file that is not there (any more). */
function none(error: unknown): undefined {
  if (!isErrno(error, 'ENOENT')) throw error;
}

/** The artifact store in a folder: content by digest under `objects/`, records beside it, both durable when a call returns. @module */
import { readFile, rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { objectKey, objectUri } from '../contracts/names.js';
import type { Ref } from '../contracts/refs.js';
import { chunksOf, readChunks, RunningDigest } from './digest.js';
import {
  isErrno,
  linkNew,
  makeFolder,
  stampOf,
  sweep,
  syncFolder,
  writeAll,
  whenDescriptorsAreFree,
  writeThenPlace,
} from './durable-files.js';
import { FileHousekeeping } from './file-housekeeping.js';
import { assertRecordFolder, assertRecordKey, prefixRule } from './keys.js';
import { ignoreVanished, keysBelow, linkRecord } from './record-folders.js';
import type { ArtifactStore, Source } from './store.js';
import { missing, verified, type Content } from './verified.js';

/** Opens a store in a folder, which is made when it is not there, and removes what killed writers left. Throws TY1206. */
export async function openFileStore(folder: string): Promise<ArtifactStore> {
  const root = resolve(folder);
  const incoming = join(root, '.incoming');
  try {
    await makeFolder(incoming);
    await sweep(incoming);
  } catch (error) {
    throw new TrainyardError('TY1206', `the folder ${root} cannot hold a store: ${messageOf(error)}`, { cause: error });
  }
  return new FileStore(root, incoming);
}

class FileStore implements ArtifactStore {
  readonly uri: string;
  readonly housekeeping: FileHousekeeping;
  /** What an object was when this process verified it, so that a large one is hashed once. */
  readonly #verified = new Map<string, string>();

  constructor(
    readonly root: string,
    readonly incoming: string,
  ) {
    this.uri = pathToFileURL(root).href;
    this.housekeeping = new FileHousekeeping(root, incoming);
  }

  put(source: Source, options?: { readonly signal?: AbortSignal }): Promise<Ref> {
    return this.#write(
      async (file) => {
        const digest = new RunningDigest();
        for await (const chunk of chunksOf(source)) {
          options?.signal?.throwIfAborted();
          digest.update(chunk);
          await writeAll(file, chunk);
        }
        const { sha256, sizeBytes } = digest.finish();
        return { uri: objectUri(sha256), sha256, sizeBytes };
      },
      async (path, ref) => {
        const target = this.#objectPath(ref);
        await makeFolder(dirname(target));
        // A damaged object is replaced: storing the same bytes again is how it is repaired.
        if (!linkNew(path, target)) {
          if (await this.#isGood(ref)) await this.housekeeping.renew(ref.sha256, (await stat(path)).mtimeMs);
          else await rename(path, target);
        }
        await syncFolder(dirname(target));
      },
    );
  }

  async *get(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* verified(content, this.uri, this.#chunks(content));
    } catch (error) {
      throw isErrno(error, 'ENOENT') ? missing(content, this.uri, error) : error;
    }
  }

  async materialise(content: Content): Promise<string> {
    const path = this.#objectPath(content);
    const stamp = await stampOf(path);
    if (stamp === undefined || this.#verified.get(content.sha256) !== stamp) {
      const chunks = this.get(content);
      while ((await chunks.next()).done !== true);
      if (stamp !== undefined) this.#verified.set(content.sha256, stamp);
    }
    return path;
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    assertRecordKey(key);
    const target = join(this.root, key);
    let created = false;
    // The folder and the bytes become durable at the same time: a small record waits for the disk twice, not six times.
    const folder = makeFolder(dirname(target));
    folder.catch(() => undefined);
    await this.#write(
      (file) => writeAll(file, value),
      async (path) => {
        await folder.catch((error: unknown) => {
          if (isErrno(error, 'EEXIST', 'ENOTDIR')) throw prefixRule(key, error);
          ignoreVanished(error);
        });
        created = await linkRecord(path, target);
        if (!created && (await stat(target)).isDirectory()) throw prefixRule(key);
        await syncFolder(dirname(target));
      },
    );
    return created;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    assertRecordKey(key);
    try {
      return new Uint8Array(await whenDescriptorsAreFree(() => readFile(join(this.root, key))));
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
      throw error;
    }
  }

  async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    assertRecordFolder(prefix);
    yield* keysBelow(this.root, prefix);
  }

  async *#chunks(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readChunks(this.#objectPath(content));
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      await this.housekeeping.restore(content.sha256); // or somebody else just did
      yield* readChunks(this.#objectPath(content));
    }
  }

  #objectPath({ sha256 }: Content): string {
    return join(this.root, objectKey(sha256));
  }

  async #isGood(content: Content): Promise<boolean> {
    try {
      await this.materialise(content);
      return true;
    } catch (error) {
      if (error instanceof TrainyardError) return false;
      throw error;
    }
  }

  async #write<T>(...[fill, place]: Tail<Parameters<typeof writeThenPlace<T>>>): Promise<T> {
    try {
      return await writeThenPlace(this.incoming, fill, place);
    } catch (error) {
      if (isErrno(error, 'ENOSPC', 'EDQUOT'))
        throw new TrainyardError('TY1203', `the disk of ${this.uri} is full`, { cause: error });
      throw error;
    }
  }
}

type Tail<T extends readonly unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

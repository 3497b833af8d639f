/** Objects that somebody else keeps in S3, read through the local cache: each in the state in which it was listed. @module */
import { type _Object as Listed, HeadObjectCommand } from '@aws-sdk/client-s3';
import { TrainyardError } from '../contracts/errors.js';
import { sha256 } from './digest.js';
import { type Copy, fillNewFile, isUnwritable, type LocalCache } from './local-cache.js';
import { type Patience, S3Bucket } from './s3-bucket.js';
import { isMissing, isPrecondition } from './s3-errors.js';
import { downloadInto } from './s3-file.js';
import { listObjects } from './s3-list.js';
import { parseS3Uri } from './s3-location.js';

/** An object as it was listed. */
export interface SourceObject {
  /** Without options. */
  readonly uri: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** S3's name for this state of the object. */
  readonly etag: string;
}

/** Objects of one bucket. */
export class S3Source {
  /** The path of the uri: a key, a folder of keys, or a pattern. */
  readonly path: string;
  readonly #bucket: S3Bucket;
  readonly #cache: LocalCache;

  /** Throws TY1204 for a uri that {@link parseS3Uri} refuses. */
  constructor(uri: string, options: { readonly cache: LocalCache; readonly patience?: Partial<Patience> }) {
    const location = parseS3Uri(uri);
    this.path = location.path;
    this.#bucket = new S3Bucket(location, options.patience);
    this.#cache = options.cache;
  }

  /** The object of the path itself; undefined when there is none. */
  async object(): Promise<SourceObject | undefined> {
    const place = { Bucket: this.#bucket.name, Key: this.path };
    try {
      const found = await this.#bucket.operate(({ client, send }) => client.send(new HeadObjectCommand(place), send));
      return this.#described({ Key: this.path, Size: found.ContentLength, ETag: found.ETag });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Objects whose keys begin with a prefix, ascending. */
  async *below(prefix: string): AsyncGenerator<SourceObject, void, undefined> {
    for await (const found of listObjects(this.#bucket, prefix)) yield this.#described(found);
  }

  /**
   * A local copy of an object, and its digest; fetched unless the cache has this very state of it.
   * @param elsewhere a new file that is written where the cache cannot be.
   * @throws TrainyardError TY1410 when the object has changed since it was listed.
   */
  async fetch(object: SourceObject, elsewhere: string, signal?: AbortSignal): Promise<Copy> {
    const { key, etag, sizeBytes } = object;
    const state = sha256(JSON.stringify([this.#bucket.target.where, key, etag, sizeBytes]));
    const known = await this.#cache.recall(state);
    const path = known && (await this.#cache.find(known));
    if (known !== undefined && path !== undefined) return { path, content: known };
    const changed = (cause?: unknown) =>
      new TrainyardError('TY1410', `${object.uri} changed after it was listed`, { cause });
    const otherSize = () => changed();
    const wanted = { bucket: this.#bucket, key, etag, sizeBytes, otherSize, ...(signal && { signal }) };
    const fill = (file: number) => downloadInto(file, wanted);
    try {
      return await this.#cache.keep(fill, sizeBytes, state).catch((error: unknown) => {
        if (!isUnwritable(error)) throw error;
        return fillNewFile(elsewhere, fill);
      });
    } catch (error) {
      throw isPrecondition(error) || isMissing(error) ? changed(error) : error;
    }
  }

  #described({ Key = '', Size = 0, ETag = '' }: Listed): SourceObject {
    return { uri: `s3://${this.#bucket.name}/${Key}`, key: Key, sizeBytes: Size, etag: ETag };
  }
}

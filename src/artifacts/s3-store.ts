/** The artifact store in a bucket, of any server that speaks S3. @module */
import { TrainyardError } from '../contracts/errors.js';
import { objectUri } from '../contracts/names.js';
import type { Ref } from '../contracts/refs.js';
import { assertRecordFolder, assertRecordKey } from './keys.js';
import type { LocalCache } from './local-cache.js';
import { type Patience, S3Bucket } from './s3-bucket.js';
import { S3Content } from './s3-content.js';
import { S3Housekeeping } from './s3-housekeeping.js';
import { parseS3Uri, type S3Location, s3UriOf } from './s3-location.js';
import { outgoing } from './s3-outgoing.js';
import { createObject, readObject, type RecordPlace } from './s3-records.js';
import type { ArtifactStore, Source } from './store.js';
import type { Content } from './verified.js';

/** What an S3 store needs of this machine. */
export interface S3StoreOptions {
  /** Holds what is materialised, and streams that wait for their upload. */
  readonly cache: LocalCache;
  readonly patience?: Partial<Patience>;
}

/** How often a file that arrives altered is fetched again. */
const fetches = 3;

/**
 * Opens a store by its uri (see {@link parseS3Uri}); asks the server nothing yet. Throws TY1204. Its calls throw TY1220 to
 * TY1228 beside what every store throws.
 */
export function openS3Store(uri: string, options: S3StoreOptions): ArtifactStore {
  const location = parseS3Uri(uri);
  const parts = location.path.split('/').filter((part) => part !== '');
  if (parts.some((part) => part.startsWith('.')))
    throw new TrainyardError('TY1204', `"${uri}" does not name a store: no part of its prefix may start with a dot`);
  return new S3Store({ ...location, path: parts.join('/') }, options);
}

class S3Store implements ArtifactStore {
  readonly uri: string;
  readonly housekeeping: S3Housekeeping;
  readonly #content: S3Content;
  readonly #cache: LocalCache;
  readonly #recordAt: (key: string) => RecordPlace;

  constructor(location: S3Location, { cache, patience }: S3StoreOptions) {
    const bucket = new S3Bucket(location, patience);
    const prefix = location.path === '' ? '' : `${location.path}/`;
    const { encryption } = location;
    const uri = s3UriOf(location);
    const housekeeping = new S3Housekeeping(bucket, prefix, encryption);
    this.uri = uri;
    this.housekeeping = housekeeping;
    this.#cache = cache;
    this.#recordAt = (key) => ({ bucket, encryption, key: prefix + key });
    this.#content = new S3Content({
      bucket,
      prefix,
      encryption,
      uri,
      restore: (sha256) => housekeeping.restore(sha256),
    });
  }

  async put(source: Source, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Ref> {
    signal?.throwIfAborted();
    const bytes = await outgoing(source, this.#cache.incoming, signal);
    try {
      await this.#content.put(bytes, signal);
      return { uri: objectUri(bytes.digest.sha256), ...bytes.digest };
    } finally {
      await bytes.release();
    }
  }

  /** Never through the cache: what can be streamed needs no disk. */
  get(content: Content): AsyncIterable<Uint8Array> {
    return this.#content.bytes(content);
  }

  async materialise(content: Content): Promise<string> {
    for (let fetch = 1; ; fetch++) {
      try {
        return await this.#cache.file(content, (file) => this.#content.fill(file, content));
      } catch (error) {
        // Altered on the way: nobody has seen it yet.
        if (fetch === fetches || !(error instanceof TrainyardError) || error.code !== 'TY1226') throw error;
      }
    }
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    assertRecordKey(key);
    return createObject(this.#recordAt(key), value);
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    assertRecordKey(key);
    return readObject(this.#recordAt(key));
  }

  async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    assertRecordFolder(prefix);
    for await (const { key } of this.housekeeping.records(prefix)) yield key;
  }
}

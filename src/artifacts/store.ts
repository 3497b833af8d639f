/** The artifact store: content-addressed bytes, and create-only records. Every store passes one suite of behaviour tests. @module */
import type { Ref } from '../contracts/refs.js';
import type { Housekeeping } from './housekeeping.js';

/** Bytes to store: whole, in a finished file, or in pieces of any size (a Node `Readable` is such an iterable). */
export type Source = Uint8Array | { readonly path: string } | AsyncIterable<Uint8Array>;

/**
 * Two spaces that never mix. Content: `put` gives a ref, the same bytes are stored once, every read is verified.
 * Records: small values under keys, created once and never changed; a list after a create shows it (strong consistency).
 */
export interface ArtifactStore {
  /** Where the store is, for people: `file:///srv/artifacts`. */
  readonly uri: string;

  /** For who tidies up, and for nobody else. */
  readonly housekeeping: Housekeeping;

  /**
   * Stores bytes durably (fsync and rename, or a conditional upload) and gives their ref; streams, never buffers. Bytes that
   * the store has damaged are replaced, those it has are kept and count as new. The signal is looked at between pieces. Throws TY1203
   * when the disk is full.
   */
  put(source: Source, options?: { readonly signal?: AbortSignal }): Promise<Ref>;

  /** The bytes of a ref, verified while they stream: throws TY1202 at the end when they are not those of the digest, TY1201 when there are none. */
  get(ref: Pick<Ref, 'sha256' | 'sizeBytes'>): AsyncIterable<Uint8Array>;

  /** A local file with the verified bytes, read-only, for libraries that read paths (DuckDB, ONNX Runtime). Throws like {@link get}. */
  materialise(ref: Pick<Ref, 'sha256' | 'sizeBytes'>): Promise<string>;

  /** Creates a record durably and atomically; false, with nothing changed, when the key exists. Throws TY1203, TY1205. */
  create(key: string, value: Uint8Array): Promise<boolean>;

  /** A record's bytes; undefined when there is none. */
  read(key: string): Promise<Uint8Array | undefined>;

  /** Keys of the records below a folder (`prefix` ends in `/`), ascending; strongly consistent with `create`. */
  list(prefix: string): AsyncIterable<string>;
}

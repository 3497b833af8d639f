/** What keeps a store tidy: seeing, condemning and removing. Apart from the store itself, whose users can only add. @module */

/** An object as the store holds it. */
export interface StoredObject {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** When it was last written, by the store's clock; milliseconds since 1970. */
  readonly writtenMs: number;
}

/**
 * Removal in two steps, so that no race with a writer loses anything. A condemned object lies aside: a read that misses it brings
 * it back, and only a later collection discards it. Each call may be killed at any point and made again.
 */
export interface Housekeeping {
  /** Every object in its place, in no order. */
  objects(): AsyncIterable<StoredObject>;
  /** Every condemned object; `writtenMs` is when it was condemned. */
  condemned(): AsyncIterable<StoredObject>;
  /** Lays an object aside. No error when there is none. */
  condemn(sha256: string): Promise<void>;
  /** Brings a condemned object back into its place; false when there is none. */
  restore(sha256: string): Promise<boolean>;
  /** Deletes a condemned object for good. */
  discard(sha256: string): Promise<void>;
  /** Every record below a folder (`prefix` ends in `/`) with its size and age. */
  records(
    prefix: string,
  ): AsyncIterable<{ readonly key: string; readonly sizeBytes: number; readonly writtenMs: number }>;
  /** Deletes a record for good. No error when there is none. */
  removeRecord(key: string): Promise<void>;
}

/** What keeps a store tidy: seeing, condemning and removing. Apart from the store itself, whose users can only add. @module */

/** An object as the store holds it. */
export interface StoredObject {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** When it was last put or, among the condemned, condemned; by the store's clock, milliseconds since 1970. */
  readonly writtenMs: number;
}

/** A record as the store holds it. */
export interface StoredRecord {
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was created, by the store's clock; milliseconds since 1970. */
  readonly writtenMs: number;
}

/** A `put` of bytes that are there renews `writtenMs` when it is older than this; not always, so that a busy object is not always touched. */
export const renewAfterMs = 3_600_000;

/**
 * Removal in two steps, so that no race with a writer loses anything. A condemned object lies aside: a `get` or `materialise` that
 * misses it brings it back, a `put` writes it anew, and only a later collection discards it. Each call may be killed at any point
 * and made again.
 */
export interface Housekeeping {
  /** The time by the store's clock, milliseconds since 1970: ages are taken from it, a machine's own clock may be a day off. */
  now(): Promise<number>;
  /** Every object in its place, in no order. */
  objects(): AsyncIterable<StoredObject>;
  /** Every condemned object, in no order. One that was put or brought back at the wrong moment may be in its place as well. */
  condemned(): AsyncIterable<StoredObject>;
  /** Lays an object aside, durably. False, with nothing changed, when it is gone or was put again since it was listed. */
  condemn(object: StoredObject): Promise<boolean>;
  /** Brings a condemned object back into its place; false when none is condemned. What is in its place already stays. */
  restore(sha256: string): Promise<boolean>;
  /** Deletes a condemned object for good. No error when there is none. */
  discard(sha256: string): Promise<void>;
  /** Every record below a folder (`prefix` ends in `/`), ascending by key. */
  records(prefix: string): AsyncIterable<StoredRecord>;
  /** Deletes a record for good. No error when there is none. */
  removeRecord(key: string): Promise<void>;
}

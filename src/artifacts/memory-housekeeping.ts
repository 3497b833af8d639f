/** Housekeeping of a store in memory. @module */
import type { Housekeeping, StoredObject, StoredRecord } from './housekeeping.js';
import { assertRecordFolder, assertRecordKey } from './keys.js';

export class MemoryHousekeeping implements Housekeeping {
  /** When objects and records were written, by sha256 and by key. Open, so that a test can make them old. */
  readonly times = new Map<string, number>();
  readonly #condemned = new Map<string, { readonly bytes: Uint8Array; readonly atMs: number }>();

  constructor(
    readonly content: Map<string, Uint8Array>,
    readonly created: Map<string, Uint8Array>,
  ) {}

  now(): Promise<number> {
    return Promise.resolve(Date.now());
  }

  async *objects(): AsyncGenerator<StoredObject, void, undefined> {
    await Promise.resolve();
    for (const [sha256, bytes] of this.content) yield this.#stored(sha256, bytes);
  }

  async *condemned(): AsyncGenerator<StoredObject, void, undefined> {
    await Promise.resolve();
    for (const [sha256, { bytes, atMs }] of this.#condemned)
      yield { sha256, sizeBytes: bytes.byteLength, writtenMs: atMs };
  }

  async condemn({ sha256, writtenMs }: StoredObject): Promise<boolean> {
    await Promise.resolve();
    const bytes = this.content.get(sha256);
    if (bytes === undefined || this.#stored(sha256, bytes).writtenMs !== writtenMs) return false;
    this.#condemned.set(sha256, { bytes, atMs: Date.now() });
    this.content.delete(sha256);
    return true;
  }

  async restore(sha256: string): Promise<boolean> {
    await Promise.resolve();
    const aside = this.#condemned.get(sha256);
    if (aside === undefined) return false;
    if (!this.content.has(sha256)) {
      this.content.set(sha256, aside.bytes);
      this.times.set(sha256, aside.atMs);
    }
    return this.#condemned.delete(sha256);
  }

  discard(sha256: string): Promise<void> {
    this.#condemned.delete(sha256);
    return Promise.resolve();
  }

  async *records(prefix: string): AsyncGenerator<StoredRecord, void, undefined> {
    await Promise.resolve();
    assertRecordFolder(prefix);
    for (const key of [...this.created.keys()].filter((other) => other.startsWith(prefix)).sort())
      yield { key, sizeBytes: this.created.get(key)?.byteLength ?? 0, writtenMs: this.times.get(key) ?? 0 };
  }

  async removeRecord(key: string): Promise<void> {
    await Promise.resolve();
    assertRecordKey(key);
    this.created.delete(key);
  }

  #stored(sha256: string, bytes: Uint8Array): StoredObject {
    return { sha256, sizeBytes: bytes.byteLength, writtenMs: this.times.get(sha256) ?? 0 };
  }
}

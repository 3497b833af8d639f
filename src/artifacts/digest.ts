/** Digests: sha256 of bytes, streams and files, and of JSON in its canonical form. @module */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { canonicalJson } from '../contracts/canonical-json.js';
import { whenDescriptorsAreFree } from './durable-files.js';
import type { Source } from './store.js';

/** A sha256 in lower-case hexadecimal, and how many bytes it is of. */
export interface Digest {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A digest of bytes that pass by. */
export class RunningDigest {
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.byteLength;
  }

  /** The digest of all updates; only once. */
  finish(): Digest {
    return { sha256: this.#hash.digest('hex'), sizeBytes: this.#sizeBytes };
  }
}

/** sha256 of bytes, or of a string's UTF-8, in lower-case hexadecimal. */
export function sha256(value: Uint8Array | string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** The digest of a file's bytes. */
export async function digestFile(path: string): Promise<Digest> {
  const digest = new RunningDigest();
  for await (const chunk of readThrough(path)) digest.update(chunk);
  return digest.finish();
}

/** sha256 of a JSON value in its canonical form: the same for the same value, whatever the order of its keys. */
export function digestJson(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A file's bytes in pieces of at most 256 KiB, each in memory of its own; closed when the reader stops early. */
export function readChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  return readInto(path, () => new Uint8Array(256 * 1024));
}

/** The same in pieces of at most 1 MiB, each until the next one is asked for: fresh memory costs a third of the time. */
export function readThrough(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(1024 * 1024);
  return readInto(path, () => buffer);
}

/** What is to be stored, in pieces. */
export function chunksOf(source: Source): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  // A stream that reads a file has a path too.
  return Symbol.asyncIterator in source ? source : readChunks(source.path);
}

/** A file's bytes in the buffers that `next` gives. */
async function* readInto(path: string, next: () => Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await whenDescriptorsAreFree(() => open(path));
  try {
    for (;;) {
      const buffer = next();
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

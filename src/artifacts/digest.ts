/** Digests: sha256 of bytes, streams and files, and of JSON in its canonical form. @module */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { inspect } from 'node:util';

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

/** The digest of a stream, which is read to its end and kept nowhere. */
export async function digestStream(chunks: AsyncIterable<Uint8Array>): Promise<Digest> {
  const digest = new RunningDigest();
  for await (const chunk of chunks) digest.update(chunk);
  return digest.finish();
}

/** The digest of a file's bytes. */
export function digestFile(path: string): Promise<Digest> {
  return digestStream(readChunks(path));
}

/** sha256 of a JSON value in its canonical form: the same for the same value, whatever the order of its keys. */
export function digestJson(value: unknown): string {
  return sha256(canonicalJson(value));
}

/**
 * RFC 8785: keys sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript writes them. A property
 * that is undefined is left out, as JSON.stringify does; a TypeError for what JSON cannot carry (NaN, bigint, functions).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`JSON cannot carry ${inspect(value, { depth: 0 })}`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A file's bytes in pieces of at most 256 KiB, each in memory of its own; closed when the reader stops early. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path);
  try {
    for (;;) {
      const buffer = new Uint8Array(256 * 1024);
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Bytes on their way into a bucket: their digest is known before the first one is sent, because it is their address. @module */
import { randomUUID } from 'node:crypto';
import { mkdir, open, type FileHandle, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TrainyardError } from '../contracts/errors.js';
import { type Digest, readThrough, RunningDigest } from './digest.js';
import { isErrno, whenDescriptorsAreFree, writeAll } from './durable-files.js';
import type { Source } from './store.js';

/** Each granule has a checksum of its own; a part of an upload is made of whole ones. */
export const granuleBytes = 8 * 1024 * 1024;

/** Bytes that can be read again and again, for retries, in any order. */
export interface Outgoing {
  readonly digest: Digest;
  /** Bytes `start` to `end` (both multiples of a granule, or the end), in `memory` or their own. Throws TY1228 when they have changed. */
  read(start: number, end: number, memory: () => Uint8Array): Promise<Uint8Array>;
  /** Closes and removes what was opened and made. */
  release(): Promise<void>;
}

/**
 * Prepares a source. Bytes and files are hashed where they are. A stream is kept in memory up to a granule, and beyond that in a file of `spool`,
 * made if need be: uploading it before its digest is known would mean a copy within the bucket, and garbage there when killed. Throws
 * TY1203 when the spool's disk is full.
 */
export async function outgoing(source: Source, spool: string, signal?: AbortSignal): Promise<Outgoing> {
  if (source instanceof Uint8Array) return inMemory(source);
  // A stream that reads a file has a path too.
  return Symbol.asyncIterator in source ? spooled(source, spool, signal) : inFile(source.path, signal);
}

function inMemory(bytes: Uint8Array): Outgoing {
  const checksums = new Checksums();
  checksums.update(bytes);
  return {
    digest: checksums.digest(),
    read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    release: () => Promise.resolve(),
  };
}

async function inFile(path: string, signal?: AbortSignal): Promise<Outgoing> {
  const checksums = new Checksums();
  const file = await whenDescriptorsAreFree(() => open(path));
  try {
    for await (const chunk of readThrough(path)) {
      signal?.throwIfAborted();
      checksums.update(chunk);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  return fromFile(file, path, checksums, () => file.close());
}

async function spooled(stream: AsyncIterable<Uint8Array>, spool: string, signal?: AbortSignal): Promise<Outgoing> {
  const path = join(spool, `outgoing-${process.pid}-${randomUUID()}`);
  const checksums = new Checksums();
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  let file: FileHandle | undefined;
  const release = async () => {
    await file?.close();
    if (file !== undefined) await rm(path, { force: true });
  };
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      checksums.update(chunk);
      heldBytes += chunk.byteLength;
      if (file === undefined && heldBytes <= granuleBytes) {
        held.push(Uint8Array.from(chunk));
        continue;
      }
      if (file === undefined) {
        await mkdir(spool, { recursive: true });
        file = await whenDescriptorsAreFree(() => open(path, 'wx+', 0o600));
        for (const earlier of held.splice(0)) await writeAll(file.fd, earlier);
      }
      await writeAll(file.fd, chunk);
    }
  } catch (error) {
    await release();
    if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
    throw new TrainyardError('TY1203', `the disk of ${spool}, where a stream waits for its upload, is full`, {
      cause: error,
    });
  }
  if (file === undefined) return inMemory(Buffer.concat(held));
  return fromFile(file, path, checksums, release);
}

function fromFile(file: FileHandle, path: string, checksums: Checksums, release: () => Promise<void>): Outgoing {
  return {
    digest: checksums.digest(),
    read: async (start, end, memory) => {
      const bytes = memory().subarray(0, end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      if (filled < bytes.length || !checksums.match(bytes, start))
        throw new TrainyardError('TY1228', `${path} changed while it was stored`);
      return bytes;
    },
    release,
  };
}

/** The digest of all bytes, and a CRC32 of each granule: what is sent later must still be what was hashed. */
class Checksums {
  readonly #digest = new RunningDigest();
  readonly #granules: number[] = [0];
  #inGranule = 0;

  update(chunk: Uint8Array): void {
    this.#digest.update(chunk);
    for (let rest = chunk; rest.length > 0;) {
      if (this.#inGranule === granuleBytes) {
        this.#granules.push(0);
        this.#inGranule = 0;
      }
      const piece = rest.subarray(0, granuleBytes - this.#inGranule);
      const last = this.#granules.length - 1;
      this.#granules[last] = crc32(piece, this.#granules[last]);
      this.#inGranule += piece.length;
      rest = rest.subarray(piece.length);
    }
  }

  digest(): Digest {
    return this.#digest.finish();
  }

  match(bytes: Uint8Array, start: number): boolean {
    for (let offset = 0; offset < bytes.length; offset += granuleBytes) {
      const granule = bytes.subarray(offset, offset + granuleBytes);
      if (crc32(granule) !== this.#granules[(start + offset) / granuleBytes]) return false;
    }
    return true;
  }
}

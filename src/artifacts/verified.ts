/** Reading that trusts no disk: the bytes of a ref, checked while they pass. Every store reads through here. @module */
import { TrainyardError } from '../contracts/errors.js';
import type { Ref } from '../contracts/refs.js';
import { RunningDigest } from './digest.js';

/** What identifies an artifact's bytes. */
export type Content = Pick<Ref, 'sha256' | 'sizeBytes'>;

/** Passes the chunks on and throws TY1202 after the last one, or as soon as there are too many, unless they are those of the ref. */
export async function* verified(
  content: Content,
  where: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = new RunningDigest();
  let left = content.sizeBytes;
  for await (const chunk of chunks) {
    left -= chunk.byteLength;
    if (left < 0) throw damaged(content, where, `it has more than ${content.sizeBytes} bytes`);
    digest.update(chunk);
    yield chunk;
  }
  if (left > 0) throw damaged(content, where, `${left} of its ${content.sizeBytes} bytes are missing`);
  const found = digest.finish().sha256;
  if (found !== content.sha256) throw damaged(content, where, `its bytes have the digest ${found}`);
}

/** All bytes of a small artifact, verified before they are given. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = new Uint8Array(parts.reduce((sizeBytes, part) => sizeBytes + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** The error of an artifact that the store does not hold. */
export function missing(content: Content, where: string, cause?: unknown): TrainyardError {
  return new TrainyardError('TY1201', `artifact sha256:${content.sha256} is not in the store ${where}`, { cause });
}

/** The error of an artifact whose bytes are not its own. */
export function damaged(content: Content, where: string, how: string): TrainyardError {
  return new TrainyardError('TY1202', `artifact sha256:${content.sha256} in the store ${where} is damaged: ${how}`);
}

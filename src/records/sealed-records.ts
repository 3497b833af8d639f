/** JSON records that carry their own digest: a record has no ref that would show a flipped bit. @module */
import { z } from 'zod';
import { digestJson } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { Sha256 } from '../contracts/refs.js';

/** A record's body, and the digest of the body's canonical JSON. */
export interface Sealed<T> {
  readonly body: T;
  readonly sha256: string;
}

const Envelope = z.object({ body: z.json(), sha256: Sha256 });

/** Creates a record, once; false, with nothing changed, when the key exists. `body` is JSON, else a TypeError. */
export function createRecord(store: ArtifactStore, key: string, body: unknown): Promise<boolean> {
  return store.create(key, new TextEncoder().encode(canonicalJson({ body, sha256: digestJson(body) })));
}

/** Reads a record; undefined when there is none. Throws TY1301 when it is torn, flipped, or not what `schema` describes. */
export async function readRecord<T>(
  store: ArtifactStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<Sealed<T> | undefined> {
  const bytes = await store.read(key);
  return bytes && unseal(key, bytes, schema);
}

function unseal<T>(key: string, bytes: Uint8Array, schema: z.ZodType<T>): Sealed<T> {
  try {
    const { body, sha256 } = Envelope.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const found = digestJson(body);
    if (found !== sha256) throw new Error(`its body has the digest ${found}, not ${sha256}`);
    return { body: schema.parse(body), sha256 };
  } catch (cause) {
    throw unreadable(key, messageOf(cause), cause);
  }
}

/** The error of a record that is there but cannot be used. */
export function unreadable(key: string, why: string, cause?: unknown): TrainyardError {
  return new TrainyardError('TY1301', `the record ${key} cannot be used: ${why}`, { cause });
}

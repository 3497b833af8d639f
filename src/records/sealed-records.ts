/** JSON records that carry their own digest: a record has no ref that would show a flipped bit. @module */
import { z } from 'zod';
import { digestJson } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { Sha256 } from '../contracts/refs.js';
import { Signature, type Signer } from './signing.js';

/** A record's body, and the digest of the body's canonical JSON; of some who published it. */
export interface Sealed<T> {
  readonly body: T;
  readonly sha256: string;
  readonly signature?: Signature;
}

const Envelope = z.object({ body: z.json(), sha256: Sha256, signature: Signature.optional() });

/** Creates a record, once; false, with nothing changed, when the key exists. `body` is JSON, else a TypeError. */
export function createRecord(store: ArtifactStore, key: string, body: unknown, signer?: Signer): Promise<boolean> {
  const sha256 = digestJson(body);
  const signature = signer?.sign(signedWords(key, sha256));
  return store.create(key, new TextEncoder().encode(canonicalJson({ body, sha256, signature })));
}

/** What a record's signature is of: its place, too, so that a signed record cannot be put under another name. */
export function signedWords(key: string, sha256: string): string {
  return `trainyard-record-v1\n${key}\n${sha256}`;
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
    const text = new TextDecoder().decode(bytes);
    const record: unknown = JSON.parse(text);
    // Not all digits of a number tell: 0.30000000000000005 is the number 0.30000000000000004.
    if (canonicalJson(record) !== text) throw new Error('it is not the JSON that was written');
    const { body, sha256, signature } = Envelope.parse(record);
    const found = digestJson(body);
    if (found !== sha256) throw new Error(`its body has the digest ${found}, not ${sha256}`);
    return { body: schema.parse(body), sha256, ...(signature && { signature }) };
  } catch (cause) {
    throw unreadable(key, messageOf(cause), cause);
  }
}

/** The error of a record that is there but cannot be used. */
export function unreadable(key: string, why: string, cause?: unknown): TrainyardError {
  return new TrainyardError('TY1301', `the record ${key} cannot be used: ${why}`, { cause });
}

/** JSON documents as artifacts: stored in canonical form, so that the same value has the same digest; parsed when read. @module */
import type { z } from 'zod';
import { TrainyardError } from '../contracts/errors.js';
import type { Ref } from '../contracts/refs.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import type { ArtifactStore } from './store.js';
import { collect, type Content } from './verified.js';

/** Stores a JSON value; throws a TypeError for what JSON cannot carry. */
export function putJson(store: ArtifactStore, value: unknown): Promise<Ref> {
  return store.put(new TextEncoder().encode(canonicalJson(value)));
}

/** Reads a JSON artifact that must match `schema`; throws TY1208 when it does not, TY1201 and TY1202 like `get`. */
export async function readJson<T>(store: ArtifactStore, ref: Content, schema: z.ZodType<T>): Promise<T> {
  const text = new TextDecoder().decode(await collect(store.get(ref)));
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TrainyardError('TY1208', `artifact sha256:${ref.sha256} is not the JSON document that was asked for`, {
      cause,
    });
  }
}

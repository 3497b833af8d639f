/** What the records rely on, tried on the store itself when a worker starts: a store without it would lose checkpoints. @module */
import { randomUUID } from 'node:crypto';
import { TrainyardError } from '../contracts/errors.js';
import type { ArtifactStore } from './store.js';

/** Throws TY1206 unless a create shows at once in a list and a read, and a second create of its key is refused. Leaves one small record. */
export async function assertConforms(store: ArtifactStore): Promise<void> {
  const folder = `conformance/${randomUUID()}/`;
  const key = `${folder}record`;
  const value = Uint8Array.of(1);
  const refuse = (what: string): never => {
    throw new TrainyardError('TY1206', `the store ${store.uri} ${what}`);
  };
  if (!(await store.create(key, value))) refuse('refuses to create a key that is new');
  const listed: string[] = [];
  for await (const found of store.list(folder)) listed.push(found);
  if (listed.join() !== key) refuse('does not list a record that was just created');
  if (await store.create(key, Uint8Array.of(2))) refuse('creates a key twice');
  if ((await store.read(key))?.join() !== value.join()) refuse('does not read back what was created');
}

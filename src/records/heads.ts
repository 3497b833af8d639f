/** Heads: the published states of a name that moves. Each is created once; the newest generation holds. @module */
import type { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { headKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

/** One published state of a name. */
export interface Head<T> {
  /** 1, 2, …, without gaps. */
  readonly generation: number;
  readonly body: T;
}

/** Publishes the next state of a name and gives its generation; a race that is lost reads again and publishes after the winner. */
export async function publishHead(store: ArtifactStore, kind: string, name: string, body: unknown): Promise<number> {
  let generation = await newestGeneration(store, kind, name);
  while (!(await createRecord(store, headKey(kind, name, ++generation), body)));
  return generation;
}

/** Every name of a kind that was ever published, ascending. */
export async function namesOfKind(store: ArtifactStore, kind: string): Promise<string[]> {
  const names = new Set<string>();
  const folder = `heads/${kind}/`;
  for await (const key of store.list(folder))
    names.add(decodeURIComponent(key.slice(folder.length).split('/', 1)[0] ?? ''));
  return [...names];
}

/** The state that holds; undefined for a name that was never published. Throws TY1301 when it is damaged. */
export async function latestHead<T>(
  store: ArtifactStore,
  kind: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<Head<T> | undefined> {
  const generation = await newestGeneration(store, kind, name);
  return generation === 0 ? undefined : headAt(store, kind, name, generation, schema);
}

/** One state of a name; undefined when there is none of that generation. Throws TY1301 when it is damaged. */
export async function headAt<T>(
  store: ArtifactStore,
  kind: string,
  name: string,
  generation: number,
  schema: z.ZodType<T>,
): Promise<Head<T> | undefined> {
  const record = await readRecord(store, headKey(kind, name, generation), schema);
  return record && { generation, body: record.body };
}

/**
 * The newest generation of a name, 0 for none. Generations have no gaps, so doubling and halving find it in O(log n) reads; a
 * follower that gives the last one it saw (`atLeast`) needs one read to learn that nothing changed.
 */
export async function newestGeneration(store: ArtifactStore, kind: string, name: string, atLeast = 0): Promise<number> {
  const exists = async (generation: number) => (await store.read(headKey(kind, name, generation))) !== undefined;
  let low = atLeast;
  let stride = 1;
  while (await exists(low + stride)) {
    low += stride;
    stride *= 2;
  }
  let high = low + stride;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await exists(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Lists of any length as artifacts: items in parts, parts in lists of parts, read in order or from an index on. @module */
import { ListDocument } from '../contracts/lists.js';
import type { ListRef } from '../contracts/refs.js';
import { putJson, readJson } from './json.js';
import type { ArtifactStore } from './store.js';

/** A part has at most so many items, and so many bytes where its items are large. */
const mostItems = 1_000;
const mostBytes = 1024 * 1024;
/** And a list of parts so many of them. */
const mostParts = 1_000;

/** Stores JSON values as a list; never holds more than a part of them. */
export async function putList<Item>(
  store: ArtifactStore,
  items: Iterable<Item> | AsyncIterable<Item>,
): Promise<ListRef<Item>> {
  const parts: ListRef[] = [];
  let part: unknown[] = [];
  let bytes = 0;
  const flush = async () => {
    if (part.length > 0) parts.push(await putPart(store, part));
    part = [];
    bytes = 0;
  };
  for await (const item of items) {
    const size = JSON.stringify(item).length;
    if (part.length === mostItems || bytes + size > mostBytes) await flush();
    part.push(item);
    bytes += size;
  }
  await flush();
  return (await joinLists(store, parts)) as ListRef<Item>; // of the parts that were just made of them
}

/** Stores a few items as a list of one part. */
export async function putPart(store: ArtifactStore, items: readonly unknown[]): Promise<ListRef> {
  return { ...(await putJson(store, items)), kind: 'list', count: items.length };
}

/** The list of the items of all these lists, in order. */
export async function joinLists(store: ArtifactStore, lists: readonly ListRef[]): Promise<ListRef> {
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  if (lists.length > mostParts) {
    const groups: ListRef[] = [];
    for (let at = 0; at < lists.length; at += mostParts)
      groups.push(await joinLists(store, lists.slice(at, at + mostParts)));
    return joinLists(store, groups);
  }
  const count = lists.reduce((sum, list) => sum + list.count, 0);
  const document = { version: 1, parts: [...lists] } satisfies ListDocument;
  return { ...(await putJson(store, document)), kind: 'list', count };
}

/** The items of a list from the index `from` on, typed by the ref; parts before it are not read. */
export async function* readList<Item>(
  store: ArtifactStore,
  list: ListRef<Item>,
  from = 0,
): AsyncGenerator<Item, void, undefined> {
  const document = await readJson(store, list, ListDocument);
  if (Array.isArray(document)) {
    yield* document.slice(from) as Item[]; // whoever stored the list had them
    return;
  }
  let start = from;
  for (const part of document.parts) {
    if (start < part.count) yield* readList(store, part as ListRef<Item>, start);
    start = Math.max(0, start - part.count);
  }
}

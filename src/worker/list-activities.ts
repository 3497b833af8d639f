/** Activities on the `pipelines` queue that read and write lists for workflows, a page at a time. @module */
import { joinLists, putPart, readList } from '../artifacts/lists.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { joinListsActivity, pageBytes, putItemsActivity, readItemsActivity } from '../contracts/lists.js';
import type { ListRef } from '../contracts/refs.js';

/** The activities by name. */
export function listActivities(store: ArtifactStore) {
  return {
    [readItemsActivity]: async (list: ListRef, from: number, to: number): Promise<unknown[]> => {
      const page: unknown[] = [];
      let bytes = 0;
      for await (const item of readList(store, list, from)) {
        bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
        if (page.length === to - from || (page.length > 0 && bytes > pageBytes)) break;
        page.push(item);
      }
      return page;
    },
    [putItemsActivity]: (items: readonly unknown[]): Promise<ListRef> => putPart(store, items),
    [joinListsActivity]: (lists: readonly ListRef[]): Promise<ListRef> => joinLists(store, lists),
  };
}

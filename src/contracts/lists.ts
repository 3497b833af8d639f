/** Lists of any length in the store, and what workflows and the bookkeeping activities say about them. @module */
import { z } from 'zod';
import { AnyListRef } from './refs.js';

/** Behind a `ListRef`: the items themselves, or shorter lists in their order. */
export const ListDocument = z.union([
  z.array(z.json()),
  z.object({ version: z.literal(1), parts: z.array(AnyListRef) }),
]);
export type ListDocument = z.output<typeof ListDocument>;

/** Activity on the `pipelines` queue: items of a list from an index on, as many as a payload takes, at least one. */
export const readItemsActivity = 'trainyard:readItems';

/** Activity on the `pipelines` queue: stores a few items as a list. */
export const putItemsActivity = 'trainyard:putItems';

/** Activity on the `pipelines` queue: stores a list of lists, which is the list of all their items. */
export const joinListsActivity = 'trainyard:joinLists';

/** Items travel through histories in pages of this size: below the limit of a payload, with room for its frame. */
export const pageBytes = 48 * 1024;

/** Memo field with a run's {@link MapBoard}. */
export const mapsMemo = 'trainyard-maps';

/** How far the maps of a run are, the newest last; a part that is a workflow of its own is counted when it is done, and has a board itself. */
export const MapBoard = z.array(
  z.object({
    /** Workflow ids of its parts begin with it. */
    id: z.string(),
    stage: z.string(),
    pool: z.string(),
    total: z.int().nonnegative(),
    done: z.int().nonnegative(),
    failed: z.int().nonnegative(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().optional(),
    /** Why it ended before its last item. */
    failure: z.string().optional(),
  }),
);
export type MapBoard = z.output<typeof MapBoard>;

/** `ctx.data` that loads DuckDB when it is first asked for something: 100 ms that a trainer with other data need not spend. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { DataAccess } from '../data/data-access.js';

/** Data access of a store; the databases that it opens keep what is on the way in `scratch`. */
export function lazyDataAccess(store: ArtifactStore, scratch: string, signal: AbortSignal): DataAccess {
  let opened: Promise<DataAccess> | undefined;
  const open = () =>
    (opened ??= import('../data/create-data-access.js').then(({ createDataAccess }) =>
      createDataAccess(store, { scratch, signal }),
    ));
  return {
    async *batches(ref, options) {
      yield* (await open()).batches(ref, options);
    },
    rows: async (ref, options) => (await open()).rows(ref, options),
    sql: async (query, tables) => (await open()).sql(query, tables),
  };
}

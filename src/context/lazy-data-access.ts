/** `ctx.data` that loads DuckDB when it is first asked for something: 100 ms that a trainer with other data need not spend. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { DataAccess } from '../data/data-access.js';

/** What data access takes of an attempt. */
export interface DataAccessParts {
  readonly store: ArtifactStore;
  /** Where the databases that it opens keep what is on the way. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Data access of an attempt's store. */
export function lazyDataAccess(parts: DataAccessParts): DataAccess {
  let opened: Promise<DataAccess> | undefined;
  const open = () =>
    (opened ??= import('../data/create-data-access.js').then(({ createDataAccess }) =>
      createDataAccess(parts.store, { scratch: parts.scratch, signal: parts.signal }),
    ));
  return {
    async *batches(ref, options) {
      yield* (await open()).batches(ref, options);
    },
    rows: async (ref, options) => (await open()).rows(ref, options),
    sql: async (query, tables) => (await open()).sql(query, tables),
  };
}

/** Rows and their labels as they come together, in whatever order: each pair is given once, however late its label is. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { LoggedLabel, LoggedRow } from './log-tables.js';
import {
  afterSegment,
  type LabelledRow,
  type LogCursor,
  logSegments,
  readLoggedLabels,
  readLoggedRows,
  seenSegments,
} from './request-log.js';

/** How far a reader of pairs is. Plain JSON. */
export interface PairCursor {
  readonly requests: LogCursor;
  readonly labels: LogCursor;
}

/**
 * The pairs that a reader has not seen: of each the row, the label, or both are new. Of several labels for one id, or rows of one id, the first
 * counts. Holds the new rows and labels in memory.
 * @param options.since rows that were answered before (milliseconds since 1970) are not looked at again for a label that comes now
 */
export async function newPairs(
  store: ArtifactStore,
  endpoint: string,
  cursor: PairCursor,
  { since }: { readonly since: number },
): Promise<{ readonly pairs: readonly LabelledRow[]; readonly cursor: PairCursor }> {
  // Labels first: one that comes between the two is new for the next call, and its row an old one.
  const labels = await newLabels(store, endpoint, cursor.labels);
  const rows = await newRows(store, endpoint, cursor.requests);
  const candidates = new Map(rows.found);
  for (const row of await oldRows(store, endpoint, cursor.requests, { since, labels: labels.found, rows: rows.found }))
    candidates.set(row.id, row);
  const before = await oldLabels(store, endpoint, cursor.labels, candidates);
  const pairs = [...candidates.values()].flatMap((row): LabelledRow[] => {
    const earlier = before.get(row.id);
    // An old row with an old label is a pair that was given.
    if (earlier && !rows.found.has(row.id)) return [];
    const label = earlier ?? labels.found.get(row.id);
    return label ? [{ ...row, label: label.label }] : [];
  });
  return { pairs, cursor: { requests: rows.cursor, labels: labels.cursor } };
}

interface Found<One> {
  readonly found: ReadonlyMap<string, One>;
  readonly cursor: LogCursor;
}

async function newLabels(store: ArtifactStore, endpoint: string, cursor: LogCursor): Promise<Found<LoggedLabel>> {
  const found = new Map<string, LoggedLabel>();
  let next = cursor;
  for await (const segment of logSegments(store, endpoint, 'labels', cursor)) {
    for (const label of await readLoggedLabels(store, segment)) addFirst(found, label);
    next = afterSegment(next, segment);
  }
  return { found, cursor: next };
}

async function newRows(store: ArtifactStore, endpoint: string, cursor: LogCursor): Promise<Found<LoggedRow>> {
  const found = new Map<string, LoggedRow>();
  let next = cursor;
  for await (const segment of logSegments(store, endpoint, 'requests', cursor)) {
    for (const row of await readLoggedRows(store, segment)) addFirst(found, row);
    next = afterSegment(next, segment);
  }
  return { found, cursor: next };
}

/** Rows that had no label when they were new. */
async function oldRows(
  store: ArtifactStore,
  endpoint: string,
  cursor: LogCursor,
  wanted: {
    readonly since: number;
    readonly labels: ReadonlyMap<string, LoggedLabel>;
    readonly rows: ReadonlyMap<string, LoggedRow>;
  },
): Promise<LoggedRow[]> {
  const missing = new Set([...wanted.labels.keys()].filter((id) => !wanted.rows.has(id)));
  const found = new Map<string, LoggedRow>();
  if (missing.size === 0) return [];
  for await (const segment of seenSegments(store, endpoint, 'requests', { cursor, sinceMs: wanted.since }))
    for (const row of await readLoggedRows(store, segment))
      if (missing.has(row.id) && row.atMs >= wanted.since) addFirst(found, row);
  return [...found.values()];
}

/** A label does not come before its answer, but for clocks that differ. */
const clocksDifferMs = 60_000;

/** The first labels of rows that came before. */
async function oldLabels(
  store: ArtifactStore,
  endpoint: string,
  cursor: LogCursor,
  rows: ReadonlyMap<string, LoggedRow>,
): Promise<ReadonlyMap<string, LoggedLabel>> {
  const found = new Map<string, LoggedLabel>();
  if (rows.size === 0) return found;
  const sinceMs = [...rows.values()].reduce((oldest, { atMs }) => Math.min(oldest, atMs), Infinity) - clocksDifferMs;
  for await (const segment of seenSegments(store, endpoint, 'labels', { cursor, sinceMs }))
    for (const label of await readLoggedLabels(store, segment)) if (rows.has(label.id)) addFirst(found, label);
  return found;
}

function addFirst<One extends { readonly id: string; readonly atMs: number }>(found: Map<string, One>, one: One): void {
  const known = found.get(one.id);
  if (known === undefined || one.atMs < known.atMs) found.set(one.id, one);
}

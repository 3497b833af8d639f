/** What servers wrote down of requests, what listened to them, and the labels that came back: Parquet segments, in the order of each writer. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { keySegment } from '../contracts/names.js';
import { Ref } from '../contracts/refs.js';
import {
  labelTable,
  type ListenedRow,
  type LoggedLabel,
  type LoggedRow,
  labelsIn,
  listenedIn,
  listenedTable,
  requestTable,
  rowsIn,
} from './log-tables.js';
import { createRecord, readRecord } from './sealed-records.js';

/** Rows that one server wrote down in a few seconds. */
const Segment = z.object({
  version: z.literal(1),
  table: Ref,
  rows: z.int().positive(),
  fromMs: z.number(),
  toMs: z.number(),
});

/** What is logged: what was answered, what turned out to be true, what revisions that listen would have answered. */
export const logKinds = ['requests', 'labels', 'listened'] as const;
export type LogKind = (typeof logKinds)[number];

/** A line of a kind's file. */
export type LogLine = LoggedRow | LoggedLabel | ListenedRow;

/** A segment with its place. */
export interface LogSegment extends z.output<typeof Segment> {
  /** Of its record. */
  readonly key: string;
  readonly kind: LogKind;
  /** The server that wrote it. */
  readonly writer: string;
  /** When it was begun, milliseconds since 1970; grows from segment to segment of one writer. */
  readonly name: string;
}

/** How far somebody has read: the last segment of each writer. Plain JSON. */
export type LogCursor = Readonly<Record<string, string>>;

/** Rows or labels as the bytes of a Parquet file, and what its segment says of them. */
export interface SegmentTable extends Pick<z.output<typeof Segment>, 'rows' | 'fromMs' | 'toMs'> {
  readonly bytes: Uint8Array;
}

/** Lines of one kind, as they were written down, as a table. A megabyte of them takes a processor some 50 ms. */
export function segmentTable(kind: LogKind, rows: readonly LogLine[]): SegmentTable {
  const times = rows.map(({ atMs }) => atMs);
  const [fromMs, toMs] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), 0)];
  return { bytes: bytesAs(kind, rows), rows: rows.length, fromMs, toMs };
}

/** Publishes a segment under a name of its writer's; the same name twice is one segment. */
export async function publishSegment(
  store: ArtifactStore,
  place: { readonly kind: LogKind; readonly endpoint: string; readonly writer: string; readonly name: string },
  { bytes, ...about }: SegmentTable,
): Promise<void> {
  const body: z.output<typeof Segment> = { version: 1, table: await store.put(bytes), ...about };
  await createRecord(
    store,
    `${folderOf(place.kind, place.endpoint)}${keySegment(place.writer)}/${place.name}.json`,
    body,
  );
}

/** Segments that a reader has not seen, those of each writer in order. */
export async function* logSegments(
  store: ArtifactStore,
  endpoint: string,
  kind: LogKind,
  cursor: LogCursor = {},
): AsyncGenerator<LogSegment, void, undefined> {
  for await (const place of placesOf(store, endpoint, kind)) {
    if (place.name <= (cursor[place.writer] ?? '')) continue;
    const segment = await segmentAt(store, place);
    if (segment) yield segment;
  }
}

/** Segments that a reader has seen and that have rows of a time or later, those of each writer in order. */
export async function* seenSegments(
  store: ArtifactStore,
  endpoint: string,
  kind: LogKind,
  { cursor, sinceMs }: { readonly cursor: LogCursor; readonly sinceMs: number },
): AsyncGenerator<LogSegment, void, undefined> {
  let held: Place | undefined;
  const worth = async (place: Place, next?: Place) => {
    // A segment ends before the next one of its writer begins, which its name tells.
    if (next?.writer === place.writer && Number(next.name) < sinceMs) return undefined;
    const segment = await segmentAt(store, place);
    return segment && segment.toMs >= sinceMs ? segment : undefined;
  };
  for await (const place of placesOf(store, endpoint, kind)) {
    const before = held;
    held = place.name <= (cursor[place.writer] ?? '') ? place : undefined;
    const segment = before && (await worth(before, place));
    if (segment) yield segment;
  }
  const last = held && (await worth(held));
  if (last) yield last;
}

/** The cursor of who has read a segment, too. */
export function afterSegment(cursor: LogCursor, { writer, name }: LogSegment): LogCursor {
  return { ...cursor, [writer]: name };
}

/** The rows of a segment of requests. */
export async function readLoggedRows(store: ArtifactStore, segment: LogSegment): Promise<LoggedRow[]> {
  return rowsIn(await bytesOf(store, segment));
}

/** The labels of a segment. */
export async function readLoggedLabels(store: ArtifactStore, segment: LogSegment): Promise<LoggedLabel[]> {
  return labelsIn(await bytesOf(store, segment));
}

/** What listened, of a segment. */
export async function readListenedRows(store: ArtifactStore, segment: LogSegment): Promise<ListenedRow[]> {
  return listenedIn(await bytesOf(store, segment));
}

/** A row with its label. */
export interface LabelledRow extends LoggedRow {
  readonly label: LoggedLabel['label'];
}

/**
 * Rows that were answered after a time and have a label by now, each once: of several labels for one id, or rows of one id, the first counts.
 * Holds the labels since then in memory.
 */
export async function* labelledRows(
  store: ArtifactStore,
  endpoint: string,
  { sinceMs = 0 }: { readonly sinceMs?: number } = {},
): AsyncGenerator<LabelledRow, void, undefined> {
  const labels = new Map<string, LoggedLabel['label']>();
  for await (const segment of logSegments(store, endpoint, 'labels')) {
    if (segment.toMs < sinceMs) continue;
    for (const { id, label } of await readLoggedLabels(store, segment)) if (!labels.has(id)) labels.set(id, label);
  }
  for await (const segment of logSegments(store, endpoint, 'requests')) {
    if (segment.toMs < sinceMs) continue;
    for (const row of await readLoggedRows(store, segment)) {
      const label = row.atMs < sinceMs ? undefined : labels.get(row.id);
      if (label === undefined) continue;
      labels.delete(row.id);
      yield { ...row, label };
    }
  }
}

/** Where a segment's record lies. */
type Place = Pick<LogSegment, 'key' | 'kind' | 'writer' | 'name'>;

async function* placesOf(store: ArtifactStore, endpoint: string, kind: LogKind): AsyncGenerator<Place> {
  const folder = folderOf(kind, endpoint);
  for await (const key of store.list(folder)) {
    const [writer = '', name = ''] = key.slice(folder.length, -'.json'.length).split('/').map(decodeURIComponent);
    yield { key, kind, writer, name };
  }
}

/** Undefined for one that is older than the log is kept, and has just gone. */
async function segmentAt(store: ArtifactStore, place: Place): Promise<LogSegment | undefined> {
  const segment = (await readRecord(store, place.key, Segment))?.body;
  return segment && { ...segment, ...place };
}

async function bytesOf(store: ArtifactStore, { table }: LogSegment): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.get(table)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces)); // a buffer of its own
}

function folderOf(kind: LogKind, endpoint: string): string {
  return `${kind === 'requests' ? 'request-log' : kind}/${keySegment(endpoint)}/`;
}

/** Whoever names a kind has its lines. */
function bytesAs(kind: LogKind, rows: readonly LogLine[]): Uint8Array {
  if (kind === 'requests') return requestTable(rows as LoggedRow[]);
  return kind === 'labels' ? labelTable(rows as LoggedLabel[]) : listenedTable(rows as ListenedRow[]);
}

/** Segments of request logs, of labels and of what listened that are older, or more, than their endpoint keeps, and that no monitor has still to read. @module */
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { defaultLogKeep, type LogPolicy } from '../contracts/endpoints.js';
import { TrainyardError } from '../contracts/errors.js';
import { monitors } from '../contracts/monitor-rules.js';
import { endpointsOf, latestEndpoint } from '../records/endpoints.js';
import { latestEntityHead } from '../records/entity-heads.js';
import { namesOfKind } from '../records/heads.js';
import { logKinds, type LogKind, logSegments, type LogSegment } from '../records/request-log.js';
import { TrafficPlace } from '../records/traffic-place.js';

const dayMs = 86_400_000;

/** What no monitor has read stays so many times as long, and no longer: one that is paused for good must not fill the store. */
const unreadFactor = 2;

/** Whether a monitor has read a segment. */
type Reader = (segment: LogSegment) => boolean;

/** Of all endpoints, the oldest first of each; their tables are nobody's once the records are gone. */
export async function* expiredSegments(
  store: ArtifactStore,
  nowMs: number,
): AsyncGenerator<LogSegment, void, undefined> {
  const readers = await readersOf(store);
  for (const endpoint of await endpointsOf(store)) {
    const keep = await keepOf(store, endpoint);
    const own = readers.flatMap((reader) => (reader.endpoint === endpoint ? [reader.hasRead] : []));
    for (const kind of logKinds) yield* expired(store, endpoint, { kind, keep, nowMs, readers: own });
  }
}

async function* expired(
  store: ArtifactStore,
  endpoint: string,
  log: {
    readonly kind: LogKind;
    readonly keep: NonNullable<LogPolicy['keep']>;
    readonly nowMs: number;
    readonly readers: readonly Reader[];
  },
): AsyncGenerator<LogSegment, void, undefined> {
  const { kind, keep, nowMs, readers } = log;
  // Where one is damaged, nothing goes until somebody has seen to it.
  const segments = (await unlessDamaged(all(logSegments(store, endpoint, kind)))) ?? [];
  segments.sort((one, other) => one.toMs - other.toMs);
  let bytes = segments.reduce((sum, { table }) => sum + table.sizeBytes, 0);
  for (const segment of segments) {
    const isBeyond = (factor: number) =>
      segment.toMs < nowMs - factor * keep.days * dayMs || bytes > factor * keep.bytes;
    if (!isBeyond(1)) return; // what follows is younger
    const isRead = readers.every((hasRead) => hasRead(segment));
    if (!isRead && !isBeyond(unreadFactor)) continue;
    bytes -= segment.table.sizeBytes;
    yield segment;
  }
}

async function all(segments: AsyncIterable<LogSegment>): Promise<LogSegment[]> {
  const found: LogSegment[] = [];
  for await (const segment of segments) found.push(segment);
  return found;
}

async function keepOf(store: ArtifactStore, endpoint: string): Promise<NonNullable<LogPolicy['keep']>> {
  return (await unlessDamaged(latestEndpoint({ store }, endpoint)))?.state.log.keep ?? defaultLogKeep;
}

/** Every monitor of the store, as a reader of its endpoint. */
async function readersOf(
  store: ArtifactStore,
): Promise<readonly { readonly endpoint: string; readonly hasRead: Reader }[]> {
  const names = await namesOfKind(store, monitors.kind);
  const found = names.map(async (name) => {
    const state = (await unlessDamaged(latestEntityHead({ store }, monitors, name)))?.state;
    if (!state?.policy) return [];
    const { place: ref, cursor } = state;
    const place = ref && (await unlessDamaged(readJson(store, ref, TrafficPlace)));
    const untilMs = cursor === null ? -Infinity : Date.parse(cursor);
    // No monitor reads what listened. A look that reads by other means than the standard stage is known by its time alone.
    const hasRead: Reader = (segment) =>
      segment.kind === 'listened' || (place ? isBehind(place, segment) : segment.toMs <= untilMs);
    return [{ endpoint: state.policy.endpoint, hasRead }];
  });
  return (await Promise.all(found)).flat();
}

function isBehind({ asked, pairs }: TrafficPlace, { kind, writer, name }: LogSegment): boolean {
  const cursors = kind === 'requests' ? [asked, pairs.requests] : [pairs.labels];
  return cursors.every((cursor) => name <= (cursor[writer] ?? ''));
}

/** What cannot be read is told of by those that need it. */
async function unlessDamaged<Value>(read: Promise<Value>): Promise<Value | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof TrainyardError) return undefined;
    throw error;
  }
}

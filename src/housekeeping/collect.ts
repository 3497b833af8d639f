/** Collects garbage: what nothing live names, in two steps that lose nothing to a race, a kill or a clock. @module */
import type { StoredObject } from '../artifacts/housekeeping.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { callKinds, runSegment } from '../records/layout.js';
import type { KnownRuns } from './known-runs.js';
import { expiredSegments } from './expired-log.js';
import { liveRefs } from './live-refs.js';
import { looking, mark, type Marks } from './marks.js';
import { inheritedRuns, keptRuns, type RecordedRun, recordedRuns } from './recorded-runs.js';

/** What a collection is made with. */
export interface CollectOptions {
  readonly store: ArtifactStore;
  /** Undefined: every run with records younger than `keepRunsMs` is kept, and so is every object younger than that. */
  readonly temporal: KnownRuns | undefined;
  /** Objects younger than this stay, and condemned ones lie so long before they are discarded. */
  readonly graceMs: number;
  /** Records of closed runs stay so long after their newest attempt, or their close. */
  readonly keepRunsMs: number;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  readonly onProgress?: (words: string) => void;
}

/** One thing that is done, or would be. */
export type Collected =
  | ({ readonly action: 'condemn' | 'restore' | 'discard' } & StoredObject)
  | ({ readonly action: 'forget' } & RecordedRun)
  | { readonly action: 'remove'; readonly key: string; readonly sizeBytes: number };

/** What stays. */
export interface Kept {
  readonly referenced: number;
  /** Unreferenced, and too young. */
  readonly young: number;
  /** Condemned, and not for long enough. */
  readonly waiting: number;
  readonly runs: number;
  /** Documents that could not be read, so that what they name is not known to be needed. */
  readonly damaged: number;
}

/** Nothing is known of runs that began in this time: Temporal's list lags behind. */
const listLagMs = 10 * 60_000;

/**
 * Removes logs that are kept no longer, marks what is live, forgets runs that are not kept, condemns what is unmarked and older than the grace period and than the oldest
 * running attempt, discards what was condemned as long ago, and restores what is condemned and marked. Killed at any point, it
 * is made again.
 * @throws TrainyardError TY1922 when the namespace does not know runs that it must know: it is not the one that this store belongs to.
 */
export async function* collectGarbage(options: CollectOptions): AsyncGenerator<Collected, Kept, undefined> {
  const { store, temporal, keepRunsMs, dryRun, onProgress } = options;
  const { housekeeping } = store;
  const nowMs = await housekeeping.now();
  const graceMs = temporal ? options.graceMs : Math.max(options.graceMs, keepRunsMs);
  const horizonMs = Math.min(nowMs - graceMs, temporal?.oldestAttemptMs ?? Infinity);
  const recorded = await recordedRuns(store);
  if (temporal) assertSameWorld(recorded, temporal, { nowMs, keepRunsMs });
  const areKept = keptRuns(recorded, { nowMs, keepRunsMs, temporal });
  const inherited = await inheritedRuns(store, areKept);
  const keeps = (segment: string) => areKept(segment) || inherited.has(segment);
  let damaged = 0;
  onProgress?.('looking for logs that are kept no longer');
  for await (const { key, table } of expiredSegments(store, nowMs)) {
    if (!dryRun) await housekeeping.removeRecord(key);
    yield { action: 'remove', key, sizeBytes: table.sizeBytes };
  }
  onProgress?.('looking for what is needed');
  const marks = await mark(
    store,
    liveRefs({ store, temporal, keeps }),
    looking(store, () => damaged++),
  );

  onProgress?.('looking for runs that nobody needs');
  const gone = [...recorded.values()].filter(({ segment }) => !keeps(segment));
  for (const run of gone) {
    if (!dryRun) await forget(store, run);
    yield { action: 'forget', ...run };
  }
  for (const [folder, longestMs] of [
    ['conformance/', graceMs],
    ['cache/', keepRunsMs],
  ] as const)
    for await (const { key, sizeBytes, writtenMs } of housekeeping.records(folder)) {
      if (writtenMs >= nowMs - longestMs) continue;
      if (!dryRun) await housekeeping.removeRecord(key);
      yield { action: 'remove', key, sizeBytes };
    }

  onProgress?.('looking at every object');
  let young = 0;
  for await (const object of housekeeping.objects()) {
    if (marks.has(object.sha256)) continue;
    if (object.writtenMs >= horizonMs) young++;
    else if (dryRun || (await housekeeping.condemn(object))) yield { action: 'condemn', ...object };
  }
  const waiting = yield* settle(store, marks, { horizonMs, dryRun });
  return { referenced: marks.size, young, waiting, runs: recorded.size - gone.length, damaged };
}

async function* settle(
  { housekeeping }: ArtifactStore,
  marks: Marks,
  { horizonMs, dryRun }: { readonly horizonMs: number; readonly dryRun: boolean },
): AsyncGenerator<Collected, number, undefined> {
  let waiting = 0;
  for await (const object of housekeeping.condemned()) {
    if (marks.has(object.sha256)) {
      if (!dryRun) await housekeeping.restore(object.sha256);
      yield { action: 'restore', ...object };
    } else if (object.writtenMs < horizonMs) {
      if (!dryRun) await housekeeping.discard(object.sha256);
      yield { action: 'discard', ...object };
    } else waiting++;
  }
  return waiting;
}

/** Checkpoints go before the log that tells of them. */
async function forget({ housekeeping }: ArtifactStore, { segment }: RecordedRun): Promise<void> {
  for (const kind of callKinds.toReversed())
    for await (const { key } of housekeeping.records(`${kind}/${segment}/`)) await housekeeping.removeRecord(key);
}

/** A wrong namespace knows none of the runs whose outputs lie here, and all of those would look unneeded. */
function assertSameWorld(
  recorded: ReadonlyMap<string, RecordedRun>,
  temporal: KnownRuns,
  { nowMs, keepRunsMs }: { readonly nowMs: number; readonly keepRunsMs: number },
): void {
  const known = new Set(temporal.runs.map(({ workflowId }) => runSegment(workflowId)));
  const since = nowMs - Math.min(temporal.retentionMs, keepRunsMs);
  const strangers = [...recorded.values()].filter(
    ({ segment, workflowId, newestMs }) =>
      newestMs > since && newestMs < nowMs - listLagMs && !known.has(segment) && !workflowId.startsWith('local/'),
  );
  if (strangers.length === 0) return;
  const some = strangers.slice(0, 3).map(({ workflowId }) => workflowId);
  const more = strangers.length > 3 ? ` and ${strangers.length - 3} more` : '';
  throw new TrainyardError(
    'TY1922',
    `this namespace does not know ${some.join(', ')}${more}, whose records are in the store`,
  );
}

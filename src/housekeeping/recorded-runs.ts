/** The runs that have records in a store, and which of them are kept. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { readBase } from '../records/checkpoint-chain.js';
import { callKinds, parseCallKey, parseToken, runSegment } from '../records/layout.js';
import type { KnownRuns } from './known-runs.js';

/** What attempts of one run wrote. */
export interface RecordedRun {
  readonly workflowId: string;
  /** Its folder below `attempts/`, `checkpoints/` and `metrics/`. */
  readonly segment: string;
  readonly records: number;
  readonly sizeBytes: number;
  /** When its newest attempt was scheduled, by the server's clock. */
  readonly newestMs: number;
}

/** Which runs are kept, beside those that are open. */
export interface Keeping {
  readonly nowMs: number;
  /** Runs with an attempt, or a close, that is younger than this. */
  readonly keepRunsMs: number;
  /** Undefined: Temporal is not asked, and every run with records is kept that is young enough. */
  readonly temporal: KnownRuns | undefined;
}

/** All runs with records, by their segment. */
export async function recordedRuns(store: ArtifactStore): Promise<ReadonlyMap<string, RecordedRun>> {
  const runs = new Map<string, RecordedRun>();
  for (const kind of callKinds)
    for await (const { key, sizeBytes } of store.housekeeping.records(`${kind}/`)) {
      const parsed = parseCallKey(key);
      if (!parsed) continue;
      const { segment, workflowId, token } = parsed;
      const before = runs.get(segment);
      runs.set(segment, {
        workflowId,
        segment,
        records: (before?.records ?? 0) + 1,
        sizeBytes: (before?.sizeBytes ?? 0) + sizeBytes,
        newestMs: Math.max(before?.newestMs ?? 0, parseToken(token).scheduledMs),
      });
    }
  return runs;
}

/** Tells by its segment whether a run's records are kept; one that nobody has seen yet has just begun. */
export function keptRuns(
  recorded: ReadonlyMap<string, RecordedRun>,
  { nowMs, keepRunsMs, temporal }: Keeping,
): (segment: string) => boolean {
  const since = nowMs - keepRunsMs;
  const kept = new Set<string>();
  for (const { workflowId, closedMs } of temporal?.runs ?? [])
    if (closedMs === undefined || closedMs > since) kept.add(runSegment(workflowId));
  return (segment) => kept.has(segment) || (recorded.get(segment)?.newestMs ?? Infinity) > since;
}

/** Segments of the runs from whose checkpoints an attempt of a kept run resumed: it may have to do so again. */
export async function inheritedRuns(
  store: ArtifactStore,
  keeps: (segment: string) => boolean,
): Promise<ReadonlySet<string>> {
  const inherited = new Set<string>();
  for await (const key of store.list('checkpoints/')) {
    const segment = key.endsWith('/base.json') ? parseCallKey(key)?.segment : undefined;
    if (segment === undefined || !keeps(segment)) continue;
    const base = await readBase(store, key, () => Promise.resolve());
    const from = parseCallKey(base?.checkpoint?.key ?? '');
    if (from) inherited.add(from.segment);
  }
  return inherited;
}

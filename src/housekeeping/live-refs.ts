/** What is live, and what it names: heads, records of kept runs, and the histories that Temporal has. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { z } from 'zod';
import { TrainyardError } from '../contracts/errors.js';
import { decisionsFolder, parseCallKey } from '../records/layout.js';
import { readRecord } from '../records/sealed-records.js';
import { digestsIn, type FoundRef, refsIn } from './find-refs.js';
import type { KnownRuns } from './known-runs.js';

/** Who needs an artifact. */
export interface Need {
  /** `deployments/churn` */
  readonly head?: string;
  /** Workflow id. */
  readonly run?: string;
  readonly stage?: string;
  /** The record or the event of history that names it. */
  readonly by: string;
}

/** A ref that something live carries. */
export interface LiveRef {
  readonly ref: FoundRef;
  readonly need: Need;
}

/** Where live refs are looked for. */
export interface LiveOptions {
  readonly store: ArtifactStore;
  readonly temporal: KnownRuns | undefined;
  /** Whether the records of a run count, by its segment. */
  readonly keeps: (segment: string) => boolean;
  /** Only runs whose workflow id begins so, and no heads. @default all */
  readonly run?: string;
}

/** Every live ref, more than once where several need it. */
export async function* liveRefs(options: LiveOptions): AsyncGenerator<LiveRef, void, undefined> {
  const { store, temporal, run } = options;
  for await (const { key, need } of liveRecords(options))
    for (const ref of await refsOfRecord(store, key)) yield { ref, need };
  for await (const { ref, run: known, eventId, stage } of temporal?.refs(run) ?? [])
    yield { ref, need: { run: known.workflowId, ...(stage !== undefined && { stage }), by: `event ${eventId}` } };
}

/** Every live record: those of heads, and of the runs that are kept. Curves carry no refs, and are given with `curves` only. */
export async function* liveRecords(
  { store, keeps, run = '' }: Omit<LiveOptions, 'temporal'>,
  { curves = false }: { readonly curves?: boolean } = {},
): AsyncGenerator<{ readonly key: string; readonly need: Need }, void, undefined> {
  if (run === '') for await (const key of store.list('heads/')) yield { key, need: { head: headOf(key), by: key } };
  // What was shown to people who decided stays as long as their decision.
  if (run === '') for await (const key of store.list(decisionsFolder)) yield { key, need: { by: key } };
  for (const log of ['request-log/', 'labels/', 'listened/', 'rollouts/'])
    if (run === '') for await (const key of store.list(log)) yield { key, need: { head: headOf(`/${key}`), by: key } };
  // Results in the caches of stages need their artifacts until they go themselves.
  if (run === '')
    for await (const key of store.list('cache/')) yield { key, need: { stage: key.split('/')[1], by: key } };
  for (const kind of curves
    ? (['attempts', 'checkpoints', 'metrics'] as const)
    : (['attempts', 'checkpoints'] as const))
    for await (const key of store.list(`${kind}/`)) {
      const parsed = parseCallKey(key);
      if (!parsed?.workflowId.startsWith(run)) continue;
      const { segment, workflowId, stage } = parsed;
      if (keeps(segment)) yield { key, need: { run: workflowId, stage, by: key } };
    }
}

/** `heads/deployments/churn/000000000001.json` → `deployments/churn`. */
function headOf(key: string): string {
  return key.split('/').slice(1, 3).map(decodeURIComponent).join('/');
}

async function refsOfRecord(store: ArtifactStore, key: string): Promise<FoundRef[]> {
  try {
    return [...refsIn((await readRecord(store, key, z.json()))?.body)];
  } catch (error) {
    if (!(error instanceof TrainyardError)) throw error;
    const left = await store.read(key);
    return left ? digestsIn([left]) : [];
  }
}

/** What servers counted, and which labels came back, of the two revisions of a step. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { LookRequest } from '../contracts/rollouts.js';
import { labelledRows, logSegments, readListenedRows } from '../records/request-log.js';
import {
  type AnsweredRow,
  meaningOf,
  type PairedRightness,
  pairedRightness,
  type PairedRow,
  rightness,
} from './right-answers.js';
import type { Seen } from './tests-of-look.js';
import type { TrafficSums } from './traffic-sums.js';

/** What was seen of both revisions; `paired` where the new one listens: then both are right or wrong on the same rows. */
export interface SeenOfStep {
  readonly before: Seen;
  readonly after: Seen;
  readonly paired: PairedRightness | undefined;
}

/** Both revisions since the step's traffic holds; the old one before that where the new one answers everything. */
export async function seenOfStep(
  { store, sums }: { readonly store: ArtifactStore; readonly sums: TrafficSums },
  { plan, revisions, sinceMs, earlierMs, traffic }: LookRequest,
  generation: number,
): Promise<SeenOfStep> {
  const { endpoint } = plan;
  const now = await sums.of(endpoint, { sinceMs, generation });
  const alone = { generation: 1, untilMs: sinceMs, alone: revisions.before };
  const then = earlierMs === undefined ? now : await sums.of(endpoint, { sinceMs: earlierMs, ...alone });
  const answered: { readonly before: AnsweredRow[]; readonly after: AnsweredRow[] } = { before: [], after: [] };
  const listens = traffic.shadows.includes(revisions.after);
  if (!listens)
    for await (const row of labelledRows(store, endpoint, { sinceMs: earlierMs ?? sinceMs })) {
      const { revision, atMs, label, outputs } = row;
      if (revision === revisions.before) answered.before.push({ label, outputs });
      else if (revision === revisions.after && atMs >= sinceMs) answered.after.push({ label, outputs });
    }
  const pairs = listens ? await pairedRows(store, endpoint, { revisions, sinceMs }) : [];
  const meaning = meaningOf([...answered.before, ...answered.after, ...pairs], plan.limits.labels);
  const of = (which: keyof typeof answered, counted: typeof now): Seen => ({
    ...(counted.get(revisions[which]) ?? { requests: 0, errors: 0, latency: {}, execution: {}, outputs: {} }),
    ...rightness(answered[which], meaning),
  });
  const paired = listens ? pairedRightness(pairs, meaning) : undefined;
  return { before: of('before', then), after: of('after', now), paired };
}

/** Rows with a label that the old revision answered and the new one listened to, each once. */
async function pairedRows(
  store: ArtifactStore,
  endpoint: string,
  { revisions, sinceMs }: Pick<LookRequest, 'revisions' | 'sinceMs'>,
): Promise<PairedRow[]> {
  const answered = new Map<string, AnsweredRow>();
  for await (const { id, revision, label, outputs } of labelledRows(store, endpoint, { sinceMs }))
    if (revision === revisions.before) answered.set(id, { label, outputs });
  const pairs: PairedRow[] = [];
  if (answered.size === 0) return pairs;
  for await (const segment of logSegments(store, endpoint, 'listened')) {
    if (segment.toMs < sinceMs) continue;
    for (const { id, revision, outputs } of await readListenedRows(store, segment)) {
      const row = revision === revisions.after ? answered.get(id) : undefined;
      if (row === undefined) continue;
      answered.delete(id);
      pairs.push({ ...row, listened: outputs });
    }
  }
  return pairs;
}

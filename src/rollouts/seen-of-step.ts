/** What servers counted, and which labels came back, of the two revisions of a step. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { LookRequest } from '../contracts/rollouts.js';
import { labelledRows } from '../records/request-log.js';
import { type AnsweredRow, meaningOf, rightness } from './right-answers.js';
import type { Seen } from './tests-of-look.js';
import type { TrafficSums } from './traffic-sums.js';

/** Both revisions since the step's traffic holds; the old one before that where the new one answers everything. */
export async function seenOfStep(
  { store, sums }: { readonly store: ArtifactStore; readonly sums: TrafficSums },
  { plan, revisions, sinceMs, earlierMs, traffic }: LookRequest,
  generation: number,
): Promise<{ readonly before: Seen; readonly after: Seen }> {
  const { endpoint } = plan;
  const now = await sums.of(endpoint, { sinceMs, generation });
  const alone = { generation: 1, untilMs: sinceMs, alone: revisions.before };
  const then = earlierMs === undefined ? now : await sums.of(endpoint, { sinceMs: earlierMs, ...alone });
  const answered: { readonly before: AnsweredRow[]; readonly after: AnsweredRow[] } = { before: [], after: [] };
  // One that listens answers nobody, and has no labels.
  if (traffic.shadows.length === 0)
    for await (const row of labelledRows(store, endpoint, { sinceMs: earlierMs ?? sinceMs })) {
      const { revision, atMs, label, outputs } = row;
      if (revision === revisions.before) answered.before.push({ label, outputs });
      else if (revision === revisions.after && atMs >= sinceMs) answered.after.push({ label, outputs });
    }
  const meaning = meaningOf([...answered.before, ...answered.after], plan.limits.labels);
  const of = (which: keyof typeof answered, counted: typeof now): Seen => ({
    ...(counted.get(revisions[which]) ?? { requests: 0, errors: 0, latency: {}, execution: {}, outputs: {} }),
    ...rightness(answered[which], meaning),
  });
  return { before: of('before', then), after: of('after', now) };
}

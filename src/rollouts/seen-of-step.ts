/** What servers counted, and which labels came back, of the two revisions of a step. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { LookRequest } from '../contracts/rollouts.js';
import { labelledRows } from '../records/request-log.js';
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
  const right = new Map<number, { hits: number; size: number }>();
  // One that listens answers nobody, and has no labels.
  if (traffic.shadows.length === 0)
    for await (const row of labelledRows(store, endpoint, { sinceMs: earlierMs ?? sinceMs })) {
      const { revision, label, outputs, atMs } = row;
      const isRight = isAnsweredRight(Object.values(outputs)[0], label);
      if (isRight === undefined || (revision === revisions.after && atMs < sinceMs)) continue;
      const share = right.get(revision) ?? { hits: 0, size: 0 };
      right.set(revision, { hits: share.hits + Number(isRight), size: share.size + 1 });
    }
  const of = (counted: typeof now, revision: number): Seen => ({
    ...(counted.get(revision) ?? { requests: 0, errors: 0, latency: {}, outputs: {} }),
    right: right.get(revision) ?? { hits: 0, size: 0 },
  });
  return { before: of(then, revisions.before), after: of(now, revisions.after) };
}

/** Of two classes, by the half; undefined for a label that is neither 0 nor 1, or an answer that is missing. */
function isAnsweredRight(answer: number | null | undefined, label: number | string | boolean): boolean | undefined {
  if (answer === undefined || answer === null) return undefined;
  const isOne = label === true || label === 1;
  return isOne || label === false || label === 0 ? answer >= 0.5 === isOne : undefined;
}

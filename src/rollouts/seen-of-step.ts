/** What servers counted, and which labels came back, of the two revisions of a step. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { LookRequest } from '../contracts/rollouts.js';
import { addUp, type Histogram } from '../records/histograms.js';
import { labelledRows } from '../records/request-log.js';
import { type RevisionCounts, trafficWindows } from '../records/traffic-windows.js';
import type { Seen } from './tests-of-look.js';

/** Both revisions since the step's traffic holds. */
export async function seenOfStep(
  store: ArtifactStore,
  { plan, revisions, sinceMs, traffic }: LookRequest,
  generation: number,
): Promise<{ readonly before: Seen; readonly after: Seen }> {
  const counts: RevisionCounts[] = [];
  for await (const window of trafficWindows(store, plan.endpoint, { sinceMs, generation }))
    counts.push(...window.revisions);
  const right = new Map<number, { hits: number; size: number }>();
  const isShared = traffic.shares.filter(({ share }) => share > 0).length > 1;
  // One that listens answers nobody, and has no labels.
  if (isShared)
    for await (const { revision, label, outputs } of labelledRows(store, plan.endpoint, { sinceMs })) {
      const isRight = isAnsweredRight(Object.values(outputs)[0], label);
      if (isRight === undefined) continue;
      const share = right.get(revision) ?? { hits: 0, size: 0 };
      right.set(revision, { hits: share.hits + Number(isRight), size: share.size + 1 });
    }
  const of = (revision: number): Seen => {
    const own = counts.filter((one) => one.revision === revision);
    const names = [...new Set(own.flatMap(({ outputs }) => Object.keys(outputs)))];
    const values = (name: string): Histogram => addUp(own.map(({ outputs }) => outputs[name]?.values ?? {}));
    return {
      requests: own.reduce((sum, { requests }) => sum + requests, 0),
      errors: own.reduce((sum, { errors }) => sum + errors, 0),
      latency: addUp(own.map(({ latency }) => latency)),
      outputs: Object.fromEntries(names.map((name) => [name, values(name)])),
      right: right.get(revision) ?? { hits: 0, size: 0 },
    };
  };
  return { before: of(revisions.before), after: of(revisions.after) };
}

/** Of two classes, by the half; undefined for a label that is neither 0 nor 1, or an answer that is missing. */
function isAnsweredRight(answer: number | null | undefined, label: number | string | boolean): boolean | undefined {
  if (answer === undefined || answer === null) return undefined;
  const isOne = label === true || label === 1;
  return isOne || label === false || label === 0 ? answer >= 0.5 === isOne : undefined;
}

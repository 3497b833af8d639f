/** One look at a step of a rollout: figures, tests, verdict; kept before it is told. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import type { LookOutcome, LookRequest, RolloutLook, RolloutTest } from '../contracts/rollouts.js';
import { latestEndpoint } from '../records/endpoints.js';
import { keepLook } from '../records/rollouts.js';
import { seenOfStep } from './seen-of-step.js';
import { testsOfLook } from './tests-of-look.js';
import type { TrafficSums } from './traffic-sums.js';

/** Looks once. The same look again, after a kill, gives what it said first. */
export async function judge(
  from: { readonly store: ArtifactStore; readonly sums: TrafficSums },
  request: LookRequest,
  nowMs = Date.now(),
): Promise<LookOutcome> {
  const { store } = from;
  const { plan, step, look, hold, traffic, revisions, sinceMs, seenBefore } = request;
  const head = await latestEndpoint({ store }, plan.endpoint);
  if (head === undefined || canonicalJson(head.state.traffic) !== canonicalJson(traffic)) return { kind: 'overtaken' };
  const generation = request.generation ?? head.generation;
  const { before, after, paired } = await seenOfStep(from, request, generation);
  const parts = [
    ...(hold.seconds > 0 ? [(nowMs - sinceMs) / 1_000 / hold.seconds] : []),
    ...(hold.requests > 0 ? [after.requests / hold.requests] : []),
  ];
  // A server's own counts may be gone for good; what was seen does not become less.
  const seen = Math.max(seenBefore, Math.min(1, ...parts));
  const listens = traffic.shadows.includes(revisions.after);
  const isFull = request.earlierMs !== undefined;
  const tests = testsOfLook(before, after, { limits: plan.limits, seen, seenBefore, listens, isFull, paired });
  const worse = tests.filter((test) => test.worse);
  const figures: RolloutLook = {
    step,
    look,
    at: new Date(nowMs).toISOString(),
    seen,
    requests: { before: before.requests, after: after.requests },
    errors: { before: before.errors, after: after.errors },
    tests,
    verdict: worse.length > 0 ? 'bad' : seen >= 1 ? 'good' : 'going',
    because: worse.length > 0 ? worse.map(wordsOf).join('; ') : `no test found it worse at ${Math.floor(seen * 100)} %`,
  };
  return { kind: 'looked', generation, look: await keepLook(store, plan, figures) };
}

/** `more errors: Fisher's exact, p = 0.0003 ≤ 0.001, by 0.12`. */
function wordsOf({ about, test, pValue, level, effect }: RolloutTest): string {
  const what = {
    errors: 'more errors',
    latency: 'slower',
    answers: 'other answers',
    accuracy: 'less accurate',
  }[about];
  return `${what}: ${test}, p = ${pValue.toPrecision(2)} ≤ ${level.toPrecision(2)}, effect ${effect.toPrecision(3)}`;
}

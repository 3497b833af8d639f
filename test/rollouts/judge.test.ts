/** Looks at a step, on what servers would have counted. @module */
import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { trafficOfStep } from '../../src/contracts/rollout-state.js';
import { defaultLimits, type LookRequest } from '../../src/contracts/rollouts.js';
import { singleTraffic, type Traffic } from '../../src/contracts/traffic.js';
import { publishSegment, segmentTable } from '../../src/records/request-log.js';
import { publishWindow, type RevisionCounts } from '../../src/records/traffic-windows.js';
import { judge } from '../../src/rollouts/judge.js';
import { TrafficSums } from '../../src/rollouts/traffic-sums.js';
import { changeEndpoint, deploy, modelOf } from '../server/support.js';

const hold = { seconds: 0, requests: 1_000 };
const minuteMs = 60_000;
const nowMs = Date.now();

/** Rows of a minute ago: what revision 1 answered, what revision 2 would have, and what was true. */
async function logged(store: MemoryStore, rows: readonly { answer: number; listened: number; label: number }[]) {
  const place = { endpoint: 'late', writer: 'a', name: '1' };
  const atMs = nowMs - minuteMs;
  const idOf = (at: number) => `r/${at}`;
  const more = { atMs, revision: 1, generation: 1, latencyMs: 1, inputs: {} };
  const lines = {
    requests: rows.map(({ answer }, at) => ({ id: idOf(at), ...more, outputs: { late: answer } })),
    labels: rows.map(({ label }, at) => ({ id: idOf(at), label, atMs })),
    // Not every copy was run.
    listened: rows
      .slice(5)
      .map(({ listened }, at) => ({ id: idOf(at + 5), atMs, revision: 2, outputs: { late: listened } })),
  };
  for (const kind of ['requests', 'labels', 'listened'] as const)
    await publishSegment(store, { kind, ...place }, segmentTable(kind, lines[kind]));
}

/** An endpoint whose revision 2 has the traffic of a step since five minutes ago. */
async function endpointAt(traffic: Traffic) {
  const store = new MemoryStore();
  const model = await modelOf(store, 'tabular-1');
  await deploy(store, 'late', model);
  await deploy(store, 'late', model, { traffic: 'none' });
  const { generation } = await changeEndpoint(store, 'late', { kind: 'setTraffic', traffic });
  const counted = (minutesAgo: number, ...revisions: Partial<RevisionCounts>[]) => {
    const at = new Date(nowMs - minutesAgo * minuteMs).toISOString();
    const nothing = { listens: false, requests: 0, errors: 0, dropped: 0, latency: {}, outputs: {} };
    const all = revisions.map((one) => ({ ...nothing, revision: 1, ...one }));
    return publishWindow(store, 'late', { server: 'a', generation, from: at, to: at, revisions: all });
  };
  const request: LookRequest = {
    plan: { id: 'r', endpoint: 'late', limits: defaultLimits },
    step: 0,
    look: 1,
    hold,
    traffic,
    revisions: { before: 1, after: 2 },
    sinceMs: nowMs - 5 * minuteMs,
    generation: undefined,
    seenBefore: 0,
  };
  const sums = new TrafficSums(store);
  const look = async (more: Partial<LookRequest> = {}) => {
    const outcome = await judge({ store, sums }, { ...request, ...more }, nowMs);
    assert.ok(outcome.kind === 'looked');
    return outcome.look;
  };
  return { counted, look, store };
}

describe('a look at a rollout', () => {
  it('adds up what servers count from look to look', async () => {
    const { counted, look } = await endpointAt(trafficOfStep(singleTraffic(1), 2, { mode: 'shadow', hold }));
    await counted(6, { requests: 9_999 });
    await counted(3, { requests: 300 }, { revision: 2, listens: true, requests: 280 });
    const first = await look();
    assert.deepEqual([first.requests, first.verdict], [{ before: 300, after: 280 }, 'going']);
    await counted(2, { requests: 800 }, { revision: 2, listens: true, requests: 790, errors: 1 });
    const second = await look({ look: 2, seenBefore: first.seen });
    assert.deepEqual(second.requests, { before: 1_100, after: 1_070 });
    assert.deepEqual([second.seen, second.verdict], [1, 'good']);
  });

  it('sends a slow revision back while it listens, and an equal one on', async () => {
    for (const [bin, verdict] of [
      [70, 'bad'],
      [40, 'good'],
    ] as const) {
      const { counted, look } = await endpointAt(trafficOfStep(singleTraffic(1), 2, { mode: 'shadow', hold }));
      const listens = { revision: 2, listens: true, requests: 1_000 };
      await counted(3, { requests: 1_000, execution: { 40: 900 } }, { ...listens, execution: { [bin]: 900 } });
      const found = await look();
      assert.equal(found.verdict, verdict, found.because);
      if (verdict === 'bad') assert.match(found.because, /^slower: Mann–Whitney U of the models' runs/);
    }
  });

  it('sends a revision back that is less accurate while it listens, and an equal one on', async () => {
    const cases = [
      // Both are wrong at every fifth row, of classes and of quantities.
      { kind: 'class', wrong: 0.9, verdict: 'bad', test: /^less accurate: McNemar's exact/ },
      { kind: 'class', wrong: 0.1, verdict: 'good' },
      { kind: 'number', wrong: 9, verdict: 'bad', test: /^less accurate: exact sign test of absolute errors/ },
      { kind: 'number', wrong: 0.1, verdict: 'good' },
    ];
    for (const { kind, wrong, verdict, test } of cases) {
      const traffic = trafficOfStep(singleTraffic(1), 2, { mode: 'shadow', hold });
      const { counted, look, store } = await endpointAt(traffic);
      await counted(3, { requests: 1_000 }, { revision: 2, listens: true, requests: 1_000 });
      const label = kind === 'class' ? 0 : 0.5;
      const rows = Array.from({ length: 100 }, (_, at) => ({
        answer: at % 5 === 0 ? 0.8 : 0.1,
        listened: at % 5 === 0 ? 0.8 : at % 2 === 0 ? wrong : 0.1,
        label,
      }));
      await logged(store, rows);
      const found = await look();
      assert.equal(found.verdict, verdict, found.because);
      if (test) assert.match(found.because, test);
      const accuracy = found.tests.filter(({ about }) => about === 'accuracy');
      assert.equal(accuracy.length, 1);
      // Of 95 rows 38 are worse, of quantities by half.
      const lost = verdict === 'bad' ? (kind === 'class' ? 38 / 95 : 19 / 95) : 0;
      assert.ok(Math.abs(accuracy[0]!.effect + lost) < 1e-12);
    }
  });

  it('compares a revision that answers everything with the old one when that answered everything', async () => {
    const { counted, look } = await endpointAt(trafficOfStep(singleTraffic(1), 2, { mode: 'full', hold }));
    const earlierMs = nowMs - 70 * minuteMs;
    await counted(80, { requests: 1_000, errors: 900 });
    await counted(60, { requests: 1_000, errors: 10, latency: { 60: 990 } });
    // It answered only a part of them.
    await counted(20, { requests: 1_000, errors: 500, latency: { 20: 500 } }, { revision: 2, requests: 50 });
    await counted(4, { revision: 2, requests: 500, errors: 5, latency: { 61: 495 } });
    const first = await look({ earlierMs });
    assert.deepEqual(
      [first.requests, first.errors, first.verdict],
      [{ before: 1_000, after: 500 }, { before: 10, after: 5 }, 'bad'],
    );
    assert.match(first.because, /^slower: Mann–Whitney U/);
  });

  it('is overtaken where somebody else changed the traffic', async () => {
    const { look } = await endpointAt(singleTraffic(1));
    await assert.rejects(look({ traffic: singleTraffic(2) }));
  });
});

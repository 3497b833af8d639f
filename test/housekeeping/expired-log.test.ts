/** Logs of requests and labels that are kept no longer: by age, by bytes, and never before a monitor has read them. @module */
import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { putJson } from '../../src/artifacts/json.js';
import type { LogPolicy } from '../../src/contracts/endpoints.js';
import { monitors } from '../../src/contracts/monitor-rules.js';
import { expiredSegments } from '../../src/housekeeping/expired-log.js';
import { changeDirectly } from '../../src/records/entity-heads.js';
import { logSegments, publishSegment, segmentTable } from '../../src/records/request-log.js';
import { emptyPlace } from '../../src/records/traffic-place.js';
import { changeEndpoint, deploy } from '../server/support.js';
import { all, collected, dayMs } from './support.js';

const endpoint = 'churn';
const ana = { name: 'ana', standing: 'claimed' } as const;

describe('the log of an endpoint', () => {
  let store: MemoryStore;
  const now = Date.now();
  const days = [100, 80, 50, 20, 1];
  const nameOf = (day: number) => String(now - day * dayMs);
  const keep = async (policy: LogPolicy['keep']) => {
    await changeEndpoint(store, endpoint, { kind: 'setLog', log: { sample: 1, columns: [], keep: policy } });
  };
  const expired = async (kind = 'requests') =>
    (await all(expiredSegments(store, now)))
      .filter((segment) => segment.kind === kind)
      .map(({ toMs }) => Math.round((now - toMs) / dayMs));

  beforeEach(async () => {
    store = new MemoryStore();
    await deploy(store, endpoint, await putJson(store, {}));
    for (const day of days) {
      const place = { endpoint, writer: day > 60 ? 'gone' : 'here', name: nameOf(day) };
      const atMs = now - day * dayMs;
      const row = { id: `r${day}`, atMs, revision: 1, generation: 1, latencyMs: 1, inputs: {}, outputs: {} };
      await publishSegment(store, { ...place, kind: 'requests' }, segmentTable('requests', [row]));
      const label = { id: `r${day}`, label: 1, atMs };
      await publishSegment(store, { ...place, kind: 'labels' }, segmentTable('labels', [label]));
      const listened = { id: `r${day}`, atMs, revision: 2, outputs: {} };
      await publishSegment(store, { ...place, kind: 'listened' }, segmentTable('listened', [listened]));
    }
  });

  /** A monitor that has read until a day ago. */
  const watched = async (until: number | undefined, byPlace: boolean) => {
    const change = async (body: unknown, id: string) => {
      await changeDirectly(
        store,
        monitors,
        'watch',
        { id, reason: 'a test', change: monitors.change.parse(body) },
        ana,
      );
    };
    const policy = { workflow: 'watch', endpoint, everyMs: 1_000, closeAfter: 1, settings: {} };
    await change({ kind: 'declare', policy }, 'declare');
    if (until === undefined) return;
    await change({ kind: 'look' }, 'look');
    await change({ kind: 'begin' }, 'begin');
    const cursor = new Date(now - until * dayMs).toISOString();
    const writers = { gone: nameOf(Math.max(until, 61)), here: nameOf(until) };
    const place = { ...emptyPlace, asked: writers, pairs: { requests: writers, labels: { gone: nameOf(80) } } };
    const end = { findings: [], cursor, ...(byPlace && { place: await putJson(store, place) }) };
    await change({ kind: 'end', look: 1, project: 'p', end }, 'end');
  };

  it('goes by age: after 90 days, or as its endpoint says', async () => {
    assert.deepEqual(await expired(), [100]);
    await keep({ days: 30, bytes: 1e9 });
    assert.deepEqual(
      [await expired(), await expired('labels'), await expired('listened')],
      [
        [100, 80, 50],
        [100, 80, 50],
        [100, 80, 50],
      ],
    );
  });

  it('goes by bytes, the oldest first', async () => {
    const [first] = await all(logSegments(store, endpoint, 'requests'));
    await keep({ days: 365, bytes: Math.ceil(2.5 * first!.table.sizeBytes) });
    assert.deepEqual(await expired(), [100, 80, 50]);
  });

  it('stays while a monitor has still to read it, twice as long at most', async () => {
    await keep({ days: 30, bytes: 1e9 });
    await watched(60, true);
    assert.deepEqual(
      [await expired(), await expired('labels')],
      [
        [100, 80],
        [100, 80],
      ],
    );
    await keep({ days: 45, bytes: 1e9 });
    assert.deepEqual(await expired(), [100, 80], 'the third is not read');
  });

  it('stays while a monitor has never looked, or has not looked for long', async () => {
    await keep({ days: 30, bytes: 1e9 });
    await watched(undefined, false);
    assert.deepEqual(await expired(), [100, 80], 'twice 30 days');
    await watched(40, false);
    assert.deepEqual(await expired(), [100, 80, 50]);
  });

  it('goes with a collection of garbage, its tables too', async () => {
    const { done } = await collected(store, { graceMs: -dayMs, dryRun: true });
    assert.deepEqual(done.filter(({ action }) => action === 'remove').length, 3);
    const { done: second } = await collected(store, { graceMs: -dayMs });
    assert.equal(second.filter(({ action }) => action === 'condemn').length, 3);
    const left = await all(logSegments(store, endpoint, 'requests'));
    assert.equal(left.length, 4);
  });
});

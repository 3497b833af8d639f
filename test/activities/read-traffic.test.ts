/** `readTraffic` on a real log in a real store. @module */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { readTraffic } from '../../activities/read-traffic.js';
import { publishSegment, segmentTable } from '../../src/records/request-log.js';
import { publishWindow } from '../../src/records/traffic-windows.js';
import { readTrafficStage } from '../../src/stages/read-traffic.js';
import { attempt } from './evaluation-bench.js';
import { TableBench } from './table-context.js';

const Asked = z.object({ at: z.iso.datetime(), carrier: z.string(), distance: z.number(), late: z.boolean() });
const read = readTraffic(readTrafficStage({ row: Asked, target: 'late' }));
const start = Date.parse('2026-03-01T00:00:00.000Z');
/** The rows are of another time than their answers. */
const rowsStart = Date.parse('2013-03-01T00:00:00.000Z');

describe('readTraffic', () => {
  let bench: TableBench;
  before(async () => {
    bench = await TableBench.open();
    const rows = Array.from({ length: 40 }, (_, at) => ({
      id: `r${at}`,
      atMs: start + at * 1_000,
      revision: 1,
      generation: 1,
      latencyMs: at,
      inputs: { at: new Date(rowsStart + at * 1_000).toISOString(), carrier: at % 2 ? 'AA' : 'UA', distance: at / 4 },
      outputs: { probability: 0.5 },
    }));
    const labels = rows.slice(0, 30).map(({ id }, at) => ({ id, label: at % 3 === 0, atMs: start + 100_000 }));
    const place = { endpoint: 'flights', writer: 'one', name: '000000000001' };
    await publishSegment(bench.store, { ...place, kind: 'requests' }, segmentTable('requests', rows));
    await publishSegment(bench.store, { ...place, kind: 'labels' }, segmentTable('labels', labels));
  });
  after(() => bench.close());

  it('gives the rows that have their labels, and how long all of them took', async () => {
    const { output } = await attempt(bench, read, { endpoint: 'flights' });
    assert.deepEqual([output.rows, output.answered, output.latencyMs], [30, 40, { p50: 20, p95: 38 }]);
    assert.deepEqual(output.dataset?.splits, { batch: 30 });
    assert.equal(output.asOf, new Date(start + 29_000).toISOString());
    const { output: byRow } = await attempt(bench, read, { endpoint: 'flights', timeColumn: 'at' });
    assert.equal(byRow.asOf, new Date(rowsStart + 29_000).toISOString());
  });

  it('gives what is new since a time, and nothing where there is nothing', async () => {
    const since = new Date(start + 24_000).toISOString();
    const { output } = await attempt(bench, read, { endpoint: 'flights', since });
    assert.deepEqual([output.rows, output.answered], [5, 15]);
    const { output: none } = await attempt(bench, read, { endpoint: 'nowhere' });
    const { rows, answered, latencyMs, dataset, asked, asOf, model } = none;
    assert.deepEqual(
      { rows, answered, latencyMs, dataset, asked, asOf, model },
      { rows: 0, answered: 0, latencyMs: null, dataset: null, asked: null, asOf: null, model: null },
    );
  });

  it('goes on from its place: each row once, each label once, however late it comes, and no request twice', async () => {
    const endpoint = 'followed';
    const now = Date.now();
    const labels = (segment: number, ids: readonly string[], label = true) =>
      publishSegment(
        bench.store,
        { kind: 'labels', endpoint, writer: 'one', name: String(now + segment) },
        segmentTable(
          'labels',
          ids.map((id) => ({ id, label, atMs: now })),
        ),
      );
    const rows = (segment: number, ids: readonly string[], writer = 'one') =>
      publishSegment(
        bench.store,
        { kind: 'requests', endpoint, writer, name: String(now + segment) },
        segmentTable(
          'requests',
          ids.map((id) => ({
            ...{ id, atMs: now, revision: 1, generation: 1, latencyMs: 1, outputs: {} },
            inputs: { at: now / 1_000, carrier: id, distance: 1 },
          })),
        ),
      );
    const counted = (server: string, toMs: number, requests: number, errors: number) => {
      const latency: Record<string, number> = errors < requests ? { 16: requests - errors } : {};
      return publishWindow(bench.store, endpoint, {
        server,
        generation: 1,
        from: new Date(toMs - 1_000).toISOString(),
        to: new Date(toMs).toISOString(),
        revisions: [
          {
            revision: 1,
            listens: false,
            requests,
            errors,
            dropped: 0,
            latency,
            outputs: {},
          },
          { revision: 2, listens: true, requests, errors: 0, dropped: 0, latency: {}, outputs: {} },
        ],
      });
    };
    await rows(1, ['a', 'b', 'c']);
    await labels(1, ['a']);
    await counted('one', now, 1_200, 12);
    const { output: first } = await attempt(bench, read, { endpoint });
    assert.deepEqual([first.rows, first.answered, first.labelled], [1, 3, 1]);
    assert.equal(
      first.asked?.columns.some(({ name }) => name === 'late'),
      false,
    );
    const { total, errors, errorRate, latencyMs, usualLatencyMs } = first.requests;
    assert.deepEqual([total, errors, errorRate?.rate, usualLatencyMs], [1_200, 12, 0.01, null]);
    assert.ok(errorRate!.lower > 0.005 && errorRate!.upper < 0.018);
    assert.ok(Math.abs(latencyMs!.p99 - 2) < 0.1);

    await labels(2, ['b', 'a', 'd'], false);
    await rows(1, ['d', 'e'], 'two');
    await counted('two', now - 60_000, 10, 0);
    await counted('one', now + 1_000, 5, 5);
    const { output: second } = await attempt(bench, read, { endpoint, place: first.place });
    assert.deepEqual([second.rows, second.answered, second.labelled], [2, 2, 3], 'b is late, d is new, a was given');
    assert.deepEqual([second.requests.total, second.requests.errors], [15, 5]);

    // Its label is there before its row is.
    await labels(3, ['f']);
    const { output: third } = await attempt(bench, read, { endpoint, place: second.place });
    assert.deepEqual([third.rows, third.answered, third.requests.total], [0, 0, 0]);
    await rows(2, ['f'], 'two');
    await labels(4, ['f'], false);
    const { output: fourth } = await attempt(bench, read, { endpoint, place: third.place });
    assert.deepEqual([fourth.rows, fourth.answered, fourth.labelled], [1, 1, 4]);

    await rows(2, ['g', 'h']);
    const { output: few } = await attempt(bench, read, { endpoint, place: fourth.place, atLeast: 3 });
    assert.deepEqual([few.answered, few.asked], [0, null]);
    await rows(3, ['i']);
    const { output: enough } = await attempt(bench, read, { endpoint, place: few.place, atLeast: 3 });
    assert.equal(enough.answered, 3);
    const { output: again } = await attempt(bench, read, { endpoint, place: enough.place });
    assert.deepEqual([again.rows, again.answered], [0, 0]);
  });
});

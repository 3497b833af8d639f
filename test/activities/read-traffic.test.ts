/** `readTraffic` on a real log in a real store. @module */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { readTraffic } from '../../activities/read-traffic.js';
import { publishSegment } from '../../src/records/request-log.js';
import { readTrafficStage } from '../../src/stages/read-traffic.js';
import { attempt } from './evaluation-bench.js';
import { TableBench } from './table-context.js';

const Asked = z.object({ at: z.iso.datetime(), carrier: z.string(), distance: z.number(), late: z.boolean() });
const read = readTraffic(readTrafficStage({ row: Asked, target: 'late' }));
const start = Date.parse('2026-03-01T00:00:00.000Z');

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
      inputs: { at: new Date(start + at * 1_000).toISOString(), carrier: at % 2 ? 'AA' : 'UA', distance: at / 4 },
      outputs: { probability: 0.5 },
    }));
    const labels = rows.slice(0, 30).map(({ id }, at) => ({ id, label: at % 3 === 0, atMs: start + 100_000 }));
    const place = { endpoint: 'flights', writer: 'one', name: '000000000001' };
    await publishSegment(bench.store, { ...place, kind: 'requests' }, rows);
    await publishSegment(bench.store, { ...place, kind: 'labels' }, labels);
  });
  after(() => bench.close());

  it('gives the rows that have their labels, and how long all of them took', async () => {
    const { output } = await attempt(bench, read, { endpoint: 'flights' });
    assert.deepEqual([output.rows, output.answered, output.latencyMs], [30, 40, { p50: 20, p95: 38 }]);
    assert.deepEqual(output.dataset?.splits, { batch: 30 });
    assert.equal(output.asOf, new Date(start + 29_000).toISOString());
  });

  it('gives what is new since a time, and nothing where there is nothing', async () => {
    const since = new Date(start + 24_000).toISOString();
    const { output } = await attempt(bench, read, { endpoint: 'flights', since });
    assert.deepEqual([output.rows, output.answered], [5, 15]);
    const { output: none } = await attempt(bench, read, { endpoint: 'nowhere' });
    assert.deepEqual(none, { rows: 0, answered: 0, latencyMs: null, dataset: null, asOf: null });
  });
});

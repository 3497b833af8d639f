import assert from 'node:assert/strict';
import { type MetricPoint, followMetrics, readMetrics } from '../../src/records/metrics-segments.js';
import { type Attempt, Call, stageKey } from './support.js';

let call: Call;
beforeEach(() => {
  call = new Call();
});

const log = ({ metrics }: Attempt, from: number, to: number) => {
  for (let step = from; step <= to; step++) metrics.add(step, { loss: step });
};

async function curve(): Promise<string[]> {
  const found: string[] = [];
  for await (const { attempt, step } of readMetrics(call.store, stageKey)) found.push(`${attempt}:${step}`);
  return found;
}

describe('metrics', () => {
  it('are read back as they were taken', async () => {
    const first = await call.start();
    await first.open();
    const before = Date.now();
    first.metrics.add(1, { loss: 0.5, accuracy: 0.25 });
    await first.metrics.flush();
    const points: MetricPoint[] = [];
    for await (const point of readMetrics(call.store, stageKey)) points.push(point);
    assert.equal(points.length, 1);
    const { time, ...rest } = points[0]!;
    assert.deepEqual(rest, { step: 1, values: { loss: 0.5, accuracy: 0.25 }, attempt: 1 });
    assert.ok(time >= before && time <= Date.now());
  });

  it('appear by themselves', async () => {
    const first = await call.start();
    await first.open();
    first.metrics.add(1, { loss: 1 });
    while ((await curve()).length === 0) await new Promise(setImmediate);
  });

  it('are not there for a call that nobody started', async () => {
    assert.deepEqual(await curve(), []);
  });

  it('survive a store that fails once', async () => {
    const first = await call.start();
    await first.open();
    const create = call.store.create.bind(call.store);
    call.store.create = () => Promise.reject(new Error('store away'));
    first.metrics.add(1, { loss: 1 });
    await assert.rejects(first.metrics.flush(), /store away/);
    call.store.create = create;
    first.metrics.add(2, { loss: 2 });
    await first.metrics.flush();
    assert.deepEqual(await curve(), ['1:1', '1:2']);
  });

  it('are published with a checkpoint, and superseded after it when an attempt resumes there', async () => {
    const first = await call.start();
    const checkpoints = await first.open();
    log(first, 1, 2);
    await checkpoints.save({ step: 2 });
    assert.deepEqual(await curve(), ['1:1', '1:2']);
    log(first, 3, 4);
    await first.metrics.flush();
    const second = await call.start();
    await second.open();
    assert.deepEqual(await curve(), ['1:1', '1:2']);
    log(second, 3, 3);
    await second.metrics.flush();
    log(first, 5, 6);
    await first.metrics.flush();
    assert.deepEqual(await curve(), ['1:1', '1:2', '2:3']);
  });

  it('follow the chain over attempts without points, without checkpoints, and back to the beginning', async () => {
    const first = await call.start();
    const checkpoints = await first.open();
    log(first, 1, 2);
    await checkpoints.save({ step: 2 });
    const second = await call.start();
    await second.open();
    log(second, 3, 5);
    await second.metrics.flush();
    const third = await call.start();
    await (await third.open()).save({ step: 2 });
    const fourth = await call.start();
    await fourth.open();
    log(fourth, 3, 3);
    await fourth.metrics.flush();
    assert.deepEqual(await curve(), ['1:1', '1:2', '4:3']);
  });

  it('are all superseded when an attempt starts from the beginning', async () => {
    const first = await call.start();
    await first.open();
    log(first, 1, 3);
    await first.metrics.flush();
    await (await call.start()).open();
    assert.deepEqual(await curve(), []);
  });

  it('can be followed while attempts come and go; a resume says what it superseded', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const item of followMetrics(call.store, stageKey, { signal: stop.signal, pollMs: 1 }))
        seen.push(
          'resumed' in item
            ? `resumed ${item.resumed.attempt} after ${item.resumed.afterStep}`
            : `${item.attempt}:${item.step}`,
        );
    })();
    const until = async (last: string) => {
      while (seen.at(-1) !== last) await new Promise(setImmediate);
    };
    const first = await call.start();
    const checkpoints = await first.open();
    log(first, 1, 1);
    await checkpoints.save({ step: 1 });
    log(first, 2, 2);
    await first.metrics.flush();
    await until('1:2');
    const second = await call.start();
    await second.open();
    await until('resumed 2 after 1');
    log(second, 2, 2);
    await second.metrics.flush();
    await until('2:2');
    await (await call.start()).open();
    log(second, 3, 3);
    stop.abort();
    await following;
    assert.deepEqual(seen.slice(0, 4), ['1:1', '1:2', 'resumed 2 after 1', '2:2']);
  });
});

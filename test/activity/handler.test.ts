import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { AttemptFailure } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { sweepScratch } from '../../src/activity/scratch.js';
import { defineStage } from '../../src/contracts/define-stage.js';
import { readMetrics } from '../../src/records/metrics-segments.js';
import { callerOf } from './support.js';

const look = defineStage('look', {
  pool: 'cpu',
  input: z.object({}),
  output: z.object({ found: z.string().default('nothing') }),
  limits: { heartbeat: '1 ms' },
});

describe('a handler in the worker', () => {
  it('is given a scratch folder, tracking and artifacts, and may leave out what has a default', async () => {
    const caller = await callerOf(
      implementStage(look).with(async ({ scratch, track, artifacts, progress, attempt, run }) => {
        assert.ok(readdirSync(scratch));
        const ref = await artifacts.putJson({ a: 1 });
        assert.deepEqual(await artifacts.json(ref), { a: 1 });
        await track.figure('curve', { mark: 'line' });
        progress(1, 1, 'rows');
        assert.deepEqual([attempt, run.stage, run.workflowId], [1, 'look', 'demo/run']);
        assert.match(run.token, /^0000-\d{13}-0001-/);
        return {};
      }),
    );
    assert.deepEqual((await caller.attempt({}).envelope).output, { found: 'nothing' });
  });

  it('fails as Stalled, and is left to itself, when it makes no progress', async () => {
    const caller = await callerOf(implementStage(look).with(() => new Promise(() => undefined)));
    const error: unknown = await caller.attempt({}, { stallMs: 50 }).envelope.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof AttemptFailure);
    assert.equal(error.failureClass, 'Stalled');
    assert.equal(error.details.evidence['stallMs'], 50);
  });

  it('is told off in the log for blocking the event loop, which carries the heartbeats', async () => {
    const caller = await callerOf(
      implementStage(look).with(async ({ progress }) => {
        const end = performance.now() + 200;
        while (performance.now() < end);
        progress(1, 1, 'rows');
        while (!caller.log.some(({ msg }) => String(msg).includes('inChild'))) await setImmediate();
        return {};
      }),
    );
    await caller.attempt({}).envelope;
  });

  it('is not kept from its scratch folder by what a killed worker left, which the next worker clears away', async () => {
    const caller = await callerOf(implementStage(look).with(() => Promise.resolve({})));
    const left = `${hostname().replace(/[^A-Za-z0-9]/g, '_')}-999999999-abc`;
    for (const name of [left, 'elsewhere-999999999-abc'])
      mkdirSync(join(caller.scratchRoot, name), { recursive: true });
    await caller.attempt({}).envelope;
    await sweepScratch(caller.scratchRoot);
    assert.deepEqual(readdirSync(caller.scratchRoot), ['elsewhere-999999999-abc']);
  });

  it('goes on at the step of a checkpoint whose upload it did not wait for: no point of the curve is there twice', async () => {
    const walk = defineStage('walk', { pool: 'cpu', input: z.object({}), output: z.int(), checkpoint: z.int() });
    const caller = await callerOf(
      implementStage(walk).with(async ({ checkpoints, track, attempt }) => {
        const from = (await checkpoints.latest())?.state ?? 0;
        for (let step = from + 1; step <= 4; step++) {
          track.metrics({ attempt }, { step });
          if (step === 2) await checkpoints.save(step);
          if (step === 3 && attempt === 1) throw new Error('a passing bug');
        }
        return from;
      }),
    );
    await assert.rejects(caller.attempt({}).envelope, /a passing bug/);
    assert.equal((await caller.attempt({}).envelope).output, 2);
    const points: number[][] = [];
    for await (const { step, attempt } of readMetrics(caller.store, caller.stageKey)) points.push([step, attempt]);
    assert.deepEqual(points, [
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
  });
});

import assert from 'node:assert/strict';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { Registry } from 'prom-client';
import { attemptMetrics } from '../../src/worker/pool-metrics.js';

describe('the metrics of a pool', () => {
  it('count attempts by stage and by how they ended, and those that run', async () => {
    const registry = new Registry();
    const measure = attemptMetrics(registry);
    const running = () => registry.getSingleMetricAsString('trainyard_attempts_running');
    await measure('train', async () => {
      assert.match(await running(), /trainyard_attempts_running\{stage="train"\} 1/);
    });
    const failure = ApplicationFailure.create({ type: 'OutOfMemory' });
    await assert.rejects(
      measure('train', () => Promise.reject(failure)),
      failure,
    );
    await assert.rejects(measure('train', () => Promise.reject(new CancelledFailure('stop'))));
    assert.match(await running(), /trainyard_attempts_running\{stage="train"\} 0/);
    const total = await registry.getSingleMetricAsString('trainyard_attempts_total');
    for (const outcome of ['completed', 'OutOfMemory', 'cancelled'])
      assert.ok(total.includes(`trainyard_attempts_total{stage="train",outcome="${outcome}"} 1`), total);
    assert.match(await registry.metrics(), /trainyard_attempt_seconds_count\{stage="train"\} 3/);
  });
});

import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { serveHealth } from '../../src/worker/health.js';
import { deviceMetrics } from '../../src/worker/pool-metrics.js';

describe("a worker's health", () => {
  it('is not ready while there is a problem, and says which; it lives all the same', async () => {
    let problem: string | undefined = 'every device has failed twice';
    const registry = new Registry();
    deviceMetrics(registry, () => 0);
    const health = await serveHealth({ port: 0, registry, problem: () => problem });
    const get = (path: string) => fetch(`http://127.0.0.1:${health.port}${path}`);
    try {
      const unready = await get('/health/ready');
      assert.deepEqual([unready.status, await unready.json()], [503, { ready: false, problem }]);
      assert.equal((await get('/health/live')).status, 200);
      assert.match(await (await get('/metrics')).text(), /^trainyard_devices_healthy 0$/m);
      problem = undefined;
      const ready = await get('/health/ready');
      assert.deepEqual([ready.status, await ready.json()], [200, { ready: true }]);
      assert.equal((await get('/health')).status, 404);
    } finally {
      await health.close();
    }
  });

  it('is refused a port that is taken', async () => {
    const options = { registry: new Registry(), problem: () => undefined };
    const first = await serveHealth({ port: 0, ...options });
    try {
      await assert.rejects(serveHealth({ port: first.port, ...options }), { code: 'TY1111' });
    } finally {
      await first.close();
    }
  });
});

/** A project whose artifacts lie in S3, behind a line that fails now and then. @module */
import assert from 'node:assert/strict';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isGone } from '../support/processes.js';
import { useProject } from '../support/project.js';
import { type Fault, type S3Proxy, startS3Proxy } from '../support/s3-proxy.js';
import { testBucket } from '../support/s3.js';
import { until } from '../support/until.js';
import { counting } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

const faults: readonly Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'lost answer' },
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'lost answer', status: 500 },
];

describe('a project on S3', () => {
  let proxy: S3Proxy;
  before(async () => {
    const { server } = await testBucket();
    proxy = await startS3Proxy(server.endpoint);
    proxy.decide(({ number }) => (number % 7 === 3 ? faults[Math.floor(number / 7) % faults.length] : undefined));
    process.env['AWS_ENDPOINT_URL_S3'] = proxy.endpoint;
  });
  after(async () => {
    delete process.env['AWS_ENDPOINT_URL_S3'];
    await proxy.close();
  });
  const running = useProject({ pools: ['pipelines', 'cpu'], environment: 's3' });

  it('ends a run whose worker was killed and every seventh request failed with the sum of an unbroken one', async () => {
    const { pipelines, stack, store, gate, open, folder } = running();
    assert.match(store.uri, /^s3:/);
    const gpu = await stack.startWorker('gpu');
    const held = gate();
    const run = await pipelines.start(counting, { input: { steps: 6, holdAt: 4, gate: held, heartbeatSeconds: 3 } });
    await until(async () => (await run.status()).stages.some(({ progress }) => (progress?.done ?? 0) >= 3));
    gpu.child.kill('SIGKILL');
    await until(() => isGone(gpu.child.pid));
    open(held);
    await stack.startWorker('gpu');
    const { sum, model } = await run.result();
    assert.equal(sum, expectedSum(6));
    assert.equal(new TextDecoder().decode((await all(store.get(model)))[0]), `model ${sum}`);
    const steps: number[] = [];
    for await (const { step } of run.metrics('count')) steps.push(step);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
    // The checkpoint was verified, and so copied, by way of the project's cache; its folder holds nothing unfinished.
    const cache = join(folder, '.trainyard', 'cache', 'artifacts');
    await access(cache);
    assert.deepEqual(await readdir(join(cache, '.incoming')), []);
  });
});

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** Endpoints on a real server: changed by their entity, followed by a model server, deployed to by a stage. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { Endpoints } from '../../src/client/endpoints.js';
import { singleTraffic } from '../../src/contracts/traffic.js';
import { modelOf, infer, serve, tabularInputs } from '../server/support.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';

const project = `endpoints-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const who = { by: 'ana', reason: 'a test' };

describe('an endpoint', function () {
  this.timeout(120_000);
  let worker: RunningPipelinesWorker;
  let endpoints: Endpoints;
  before(async () => {
    worker = await startPipelinesWorker(new URL('./workflows.js', import.meta.url), {
      project: { name: project },
      store,
    });
    const { client } = await testEngine();
    endpoints = new Endpoints({ client, project, store });
  });
  after(() => worker.stop());

  it('is changed by its entity and followed by its servers; each change is kept with who and why', async () => {
    const { address } = await serve(store);
    const answers = (revision: number) =>
      until(async () => {
        const { status, headers } = await infer(address, 'late', { inputs: tabularInputs() });
        return status === 200 && headers.get('x-trainyard-revision') === String(revision);
      });
    const [one, two] = [await modelOf(store, 'tabular-1'), await modelOf(store, 'tabular-2')];
    assert.equal(await endpoints.deploy('late', { model: one }, who), 1);
    await answers(1);
    assert.equal(await endpoints.deploy('late', { model: two, traffic: 'none' }, who), 2);
    await endpoints.setTraffic('late', singleTraffic(2), { ...who, reason: 'it is good' });
    await answers(2);
    assert.equal(await endpoints.rollBack('late', { ...who, by: 'bo' }), 1);
    await answers(1);
    await assert.rejects(endpoints.setTraffic('late', singleTraffic(9), who), { code: 'TY2301' });
    const told = [];
    for await (const { by, request } of endpoints.history('late'))
      told.push([by.name, request.change.kind, request.reason]);
    assert.deepEqual(told, [
      ['ana', 'deploy', 'a test'],
      ['ana', 'deploy', 'a test'],
      ['ana', 'setTraffic', 'it is good'],
      ['bo', 'rollBack', 'a test'],
    ]);
    await until(async () => (await endpoints.servers('late'))[0]?.generation === 4);
    assert.deepEqual(await endpoints.names(), ['late']);
    await assert.rejects(endpoints.get('none'), { code: 'TY2308' });
  });
});

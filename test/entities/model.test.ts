/** The registry on a real server: versions, aliases, decisions, and what the store alone tells of them. @module */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { digestJson } from '../../src/artifacts/digest.js';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { ModelReader } from '../../src/client/model-reader.js';
import { ModelRegistry } from '../../src/client/model-registry.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { entityWorkflowId } from '../../src/contracts/names.js';
import { keepDecision } from '../../src/records/decisions.js';
import { signerOf } from '../../src/records/signing.js';
import { decision } from '../records/decision.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker, testSigner } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { promoting, registering } from './contracts.js';

const project = {
  name: `models-${randomUUID().slice(0, 8)}`,
  models: { '*': { aliases: { champion: { decision: 'promotion' } } } },
};
const store = new MemoryStore();
const trusted = new Map([[testSigner.keyId, testSigner.publicKey]]);
const reader = new ModelReader({ store, trusted });
const stranger = signerOf(generateKeyPairSync('ed25519').privateKey);
const why = { by: 'ana', reason: 'a test' };

async function registry(): Promise<ModelRegistry> {
  return new ModelRegistry({ client: (await testEngine()).client, project: project.name, store, trusted });
}

async function model(weights: string) {
  return putJson(store, { weights });
}

/** The binding of an approved decision that was shown this model. */
function allowed(sha256: string, changed: Partial<typeof decision> = {}, signer = testSigner) {
  const evidence = { report: { auc: 0.9 }, candidate: { digest: `sha256:${sha256}` } };
  return keepDecision(store, { ...decision, evidence, evidenceDigest: digestJson(evidence), ...changed }, signer);
}

describe('the model registry', function () {
  this.timeout(120_000);
  let worker: RunningPipelinesWorker;
  before(async () => {
    worker = await startPipelinesWorker(new URL('./workflows.js', import.meta.url), { project, store });
  });
  after(() => worker.stop());

  it('registers versions, one or many, and reads them from the store', async () => {
    const models = await registry();
    const [one, two] = [await model('one'), await model('two')];
    assert.deepEqual(
      await models.register('plain', [{ model: one, metrics: { auc: 0.8 } }, { model: two }], why),
      [1, 2],
    );
    assert.deepEqual(await models.register('plain', [{ model: one, tags: { team: 'risk' } }], why), [3]);
    const third = await reader.get('plain', 3);
    assert.deepEqual([third.details.model.sha256, third.details.tags], [one.sha256, { team: 'risk' }]);
    assert.deepEqual(third.registered.by, { name: 'ana', standing: 'claimed' });
    assert.equal(third.registered.author.state, 'verified');
    assert.deepEqual(
      (await reader.versions('plain', { limit: 2 })).map(({ version }) => version),
      [3, 2],
    );
    assert.ok((await reader.names()).includes('plain'));
  });

  it('sets an alias where policy asks for a decision only by an approved one about the very model', async () => {
    const models = await registry();
    const { sha256 } = await model('decided');
    const [version = 0] = await models.register('decided', [{ model: await model('decided') }], why);
    const set = (binding?: string) => models.setAlias('decided', 'champion', version, { ...why, decision: binding });
    await models.setAlias('decided', 'challenger', version, why);
    const refusals: readonly (readonly [string | undefined, RegExp])[] = [
      [undefined, /none was named/],
      ['f'.repeat(64), /there is no record/],
      [await allowed('0'.repeat(64), { runId: 'a' }), /does not name the digest/],
      [await allowed(sha256, { verdict: 'rejected', runId: 'b' }), /was rejected/],
      [await allowed(sha256, { verdict: 'expired', runId: 'c' }), /was expired/],
      [await allowed(sha256, { name: 'retirement', runId: 'd' }), /is one on "retirement"/],
      [await allowed(sha256, { runId: 'e' }, stranger), /signed by nobody who is trusted/],
    ];
    for (const [binding, words] of refusals) await assert.rejects(set(binding), { code: 'TY2107', what: words });
    await set(await allowed(sha256));
    assert.deepEqual((await reader.get('decided', 'champion')).aliases, ['challenger', 'champion']);
  });

  it('tells what an alias was at any time, by whose word and on which evidence, when all histories are gone', async () => {
    const models = await registry();
    const made = [];
    for (const weights of ['first', 'second', 'third']) {
      const ref = await model(weights);
      const [version = 0] = await models.register('told', [{ model: ref, datasets: { train: ref } }], why);
      const binding = await allowed(ref.sha256);
      await models.setAlias('told', 'champion', version, {
        by: 'bo',
        reason: `${weights} is better`,
        decision: binding,
      });
      made.push({
        version,
        binding,
        at: (await reader.asOf('told', 'champion', new Date(Date.now() + 1e6).toISOString())).set.at,
      });
    }
    await models.rollBack('told', 'champion', why);
    const { client } = await testEngine();
    await client.workflow.getHandle(entityWorkflowId(project.name, 'models', 'told')).terminate();
    for (const { version, binding, at } of made) {
      const told = await reader.asOf('told', 'champion', at);
      assert.deepEqual([told.version.version, told.set.by.name, told.decision?.binding], [version, 'bo', binding]);
      assert.equal(told.decision?.record.decisions[0]?.by.name, 'ana');
      assert.equal(told.version.details.datasets['train']?.sha256, told.version.details.model.sha256);
    }
    assert.equal((await reader.asOf('told', 'champion', '2100-01-01T00:00Z')).version.version, 2);
    await assert.rejects(reader.asOf('told', 'champion', '2001-01-01T00:00Z'), { code: 'TY2101' });
    assert.equal((await models.register('told', [{ model: await model('first') }], why))[0], 4);
  });

  it('keeps what is said of a version later, each with its author', async () => {
    const models = await registry();
    await models.register(
      'noted',
      [{ model: await model('a'), tags: { stage: 'trial' } }, { model: await model('b') }],
      why,
    );
    await models.annotate('noted', 1, { card: { caveats: 'Winter only.' }, tags: { owner: 'ana' } }, why);
    await models.annotate('noted', 2, { metrics: { auc: 0.7 } }, why);
    await models.annotate('noted', 1, { tags: { stage: null }, latencyMs: { p50: 3 } }, { ...why, by: 'bo' });
    const { details, annotations } = await reader.get('noted', 1);
    assert.deepEqual(details.tags, { owner: 'ana' });
    assert.deepEqual([details.card.caveats, details.latencyMs], ['Winter only.', { p50: 3 }]);
    assert.deepEqual(
      annotations.map(({ by }) => by.name),
      ['ana', 'bo'],
    );
    assert.deepEqual((await reader.get('noted', 2)).details.metrics, { auc: 0.7 });
  });

  it('takes versions and aliases from a pipeline, with the run that made them', async () => {
    const { client } = await testEngine();
    const pipelines = new PipelineClient({ client, project: project.name });
    const run = await pipelines.start(registering, { input: { model: await model('made') } });
    assert.deepEqual(await run.result(), { version: 1 });
    const { details, aliases } = await reader.get('made', 1);
    assert.deepEqual(
      [details.run?.workflowId, details.run?.pipeline, aliases],
      [run.workflowId, 'registering', ['challenger']],
    );
  });

  it('lets a pipeline promote its model by the decision that it was given', async () => {
    const { client } = await testEngine();
    const pipelines = new PipelineClient({ client, project: project.name, store });
    const run = await pipelines.start(promoting, { input: { model: await model('promoted') } });
    await until(async () => (await run.status()).approvals.length === 1);
    await run.approve('promotion', { by: 'bo', reason: 'read' });
    const { binding } = await run.result();
    const { decision: told, version } = await reader.asOf('promoted', 'champion', new Date().toISOString());
    assert.deepEqual([told?.binding, told?.record.decisions[0]?.by.name, version.version], [binding, 'bo', 1]);
  });

  it('tells the whole story in order', async () => {
    const story = [];
    for await (const { result, reason } of reader.history('told')) story.push(`${result.type}: ${reason}`);
    assert.deepEqual(story.slice(-3), ['aliased: third is better', 'aliased: a test', 'registered: a test']);
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { versioned } from './versions/contracts.js';

const project = `versions-${randomUUID().slice(0, 8)}`;

/** A pipelines worker on one version of the code, current once this resolves. */
async function startVersion(name: 'one' | 'two', store: MemoryStore) {
  const workflows = new URL(`./versions/${name}.js`, import.meta.url);
  const worker = await startPipelinesWorker(workflows, { project: { name: project }, store });
  await until(async () => (await currentBuild()) === worker.bundle.sha256.slice(0, 16));
  return worker;
}

/** The build id that new runs start on. */
async function currentBuild(): Promise<string | undefined> {
  const { client } = await testEngine();
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace: client.options.namespace,
      deploymentName: project,
    });
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  } catch {
    // The server learns of a deployment by its worker's first poll.
    return undefined;
  }
}

describe('a new version of the pipelines', function () {
  this.timeout(120_000);

  it('takes the new runs; a run that is open stays on the code that started it', async () => {
    const { client } = await testEngine();
    const store = new MemoryStore();
    const pipelines = new PipelineClient({ client, project });
    const asked = async (workflowId: string) => {
      const run = await pipelines.start(versioned, { workflowId, input: {} });
      await until(async () => (await run.status()).approvals.length === 1);
      return run;
    };
    const one = await startVersion('one', store);
    const old = await asked('old');
    const two = await startVersion('two', store);
    try {
      const young = await asked('young');
      for (const run of [old, young]) await run.approve('go', { by: 'ada', reason: 'read' });
      assert.deepEqual(await old.result(), { version: 'one' });
      assert.deepEqual(await young.result(), { version: 'two' });
      // Both bundles are kept, for audits and for replays of what ran on them.
      for (const { bundle } of [one, two]) {
        const ref = await store.put(Buffer.from(bundle.code));
        assert.equal(ref.sha256, bundle.sha256);
      }
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});

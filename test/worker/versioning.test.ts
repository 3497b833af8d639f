import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import type { Run } from '../../src/client/run.js';
import { buildIdOf, deploymentOf, makeCurrent } from '../../src/worker/versioning.js';
import { currentBuild } from '../support/current-build.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { looping, versioned } from './versions/contracts.js';

/** A pipelines worker on one version of the code, current once this resolves. */
async function startVersion(project: string, name: 'one' | 'two', store = new MemoryStore()) {
  const { client } = await testEngine();
  const workflows = new URL(`./versions/${name}.js`, import.meta.url);
  const worker = await startPipelinesWorker(workflows, { project: { name: project }, store, production: true });
  await until(async () => (await currentBuild(client, project)) === buildIdOf(worker.bundle.sha256));
  return worker;
}

async function makeProject() {
  const { client } = await testEngine();
  const project = `versions-${randomUUID().slice(0, 8)}`;
  return { client, project, pipelines: new PipelineClient({ client, project }) };
}

describe('a new version of the pipelines', function () {
  this.timeout(120_000);

  it('takes the new runs; a run that is open stays on the code that started it', async () => {
    const store = new MemoryStore();
    const { project, pipelines } = await makeProject();
    const asked = async (workflowId: string) => {
      const run = await pipelines.start(versioned, { workflowId, input: {} });
      await until(async () => (await run.status()).approvals.length === 1);
      return run;
    };
    const one = await startVersion(project, 'one', store);
    const old = await asked('old');
    const two = await startVersion(project, 'two', store);
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

  it('is what a loop goes on with in its next run; until then it stays on its own', async () => {
    const { project, pipelines } = await makeProject();
    const one = await startVersion(project, 'one');
    const loop = await pipelines.start(looping, { workflowId: 'loop', input: {} });
    await until(async () => (await tasksOf(loop)) === 1);
    const { runId: first } = await loop.workflow.describe();
    const two = await startVersion(project, 'two');
    try {
      // Its worker has the rest of this round; the next one is version two's.
      await loop.workflow.signal('go-on');
      await until(async () => (await loop.workflow.describe()).runId !== first);
      await one.stop();
      await loop.workflow.signal('go-on');
      assert.deepEqual(await loop.result(), { rounds: ['one', 'two'] });
    } finally {
      await two.stop();
    }
  });

  it('stays current when a worker of the older one is started again, unless nobody said that this is production', async () => {
    const { client, project } = await makeProject();
    const one = await startVersion(project, 'one');
    const two = await startVersion(project, 'two');
    const { signal } = new AbortController();
    try {
      await makeCurrent(client, deploymentOf(project, one.bundle.sha256), { once: true, signal });
      assert.equal(await currentBuild(client, project), buildIdOf(two.bundle.sha256));
      await makeCurrent(client, deploymentOf(project, one.bundle.sha256), { once: false, signal });
      assert.equal(await currentBuild(client, project), buildIdOf(one.bundle.sha256));
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});

async function tasksOf(run: Run): Promise<number> {
  const { events } = await run.workflow.fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
}

/** A loop that rolls out by steps and keeps the registry, on a real server under traffic: each verdict, and that nothing of it happens twice. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { putJson, readJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { Endpoints } from '../../src/client/endpoints.js';
import { Loops } from '../../src/client/loops.js';
import { ModelRegistry } from '../../src/client/model-registry.js';
import { Rollouts } from '../../src/client/rollouts.js';
import { columnsOf } from '../../src/contracts/columns.js';
import { ModelManifest } from '../../src/contracts/manifests.js';
import { roundRunId } from '../../src/contracts/names.js';
import { mainRevision } from '../../src/contracts/traffic.js';
import { type ModelServer, startModelServer } from '../../src/server/model-server.js';
import { temporaryFolder } from '../artifacts/support.js';
import { expected, infer, modelOf, tabularInputs } from '../server/support.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { resetTo } from '../support/reset.js';
import { until } from '../support/until.js';
import * as contracts from './loop-contracts.js';

const project = `staged-${randomUUID().slice(0, 8)}`;
const who = { by: 'ana', reason: 'a test' };
const inputs = tabularInputs([expected.rows[0]!]);

describe('a loop that rolls out by steps', function () {
  this.timeout(120_000);
  let store: ArtifactStore;
  let worker: RunningPipelinesWorker;
  let loops: Loops;
  let endpoints: Endpoints;
  let registry: ModelRegistry;
  let rollouts: Rollouts;
  let server: ModelServer;
  let asking: Promise<void>;
  let isOver = false;
  const failed: number[] = [];
  const startWorker = () =>
    startPipelinesWorker(new URL('./loop-workflows.js', import.meta.url), { project: { name: project }, store });

  before(async () => {
    const root = await temporaryFolder();
    store = await openFileStore(join(root, 'store'));
    worker = await startWorker();
    const host = { client: (await testEngine()).client, project, store };
    loops = new Loops(host);
    endpoints = new Endpoints(host);
    registry = new ModelRegistry(host);
    rollouts = new Rollouts(host);
    const folder = join(root, 'serve');
    // Closed before the folder goes, in which it still writes.
    const log = pino({ level: 'silent' });
    server = await startModelServer({ store, log, folder, pollMs: 10, countsEveryMs: 30, logEveryMs: 30 });
    const { address } = server;
    const [good, better, broken] = await Promise.all([
      trained('tabular-1', expected.late['tabular-1']),
      trained('tabular-2', expected.late['tabular-2']),
      modelOf(store, 'slow').then((model) => ({ model: { ...model, kind: 'model', inputs: [], outputs: [] } })),
    ]);
    const models = { good, better, broken, untrue: await trained('tabular-1', expected.late['tabular-2']) };
    await loops.declare(contracts.staged, { ...who, settings: { models } });
    asking = (async () => {
      while (!isOver) {
        const { status } = await infer(address, 'staged', { inputs });
        if (status !== 200 && status !== 404) failed.push(status); // 404: nothing is deployed yet
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
  });
  after(async () => {
    isOver = true;
    await asking;
    await server.close();
    await worker.stop();
  });

  /** A fixture as a model whose manifest tells its columns, with what its trainer is said to have answered. */
  async function trained(name: 'tabular-1' | 'tabular-2', late: readonly number[]) {
    const bare = await readJson(store, await modelOf(store, name), ModelManifest);
    const columns = { inputs: columnsOf(contracts.Flight), outputs: columnsOf(contracts.Late) };
    const model = { ...(await putJson(store, { ...bare, ...columns })), kind: 'model', ...columns };
    const samples = { version: 1, model: model.sha256, rows: expected.rows, outputs: { late } };
    return { model, parity: await putJson(store, samples) };
  }

  /** Trains what the reason names, with an AUC, and waits for the decision. */
  async function round(number: number, model: string, auc: number, meanwhile?: () => Promise<void>) {
    await loops.trigger('staged', {}, { ...who, reason: `${model} ${auc}` });
    await meanwhile?.();
    return decision(number);
  }

  async function decision(number: number) {
    await until(async () => (await loops.show('staged')).state.decisions.at(-1)?.round === number);
    return loops.explain('staged', number);
  }

  const answering = async () => {
    const { revisions, traffic } = (await endpoints.get('staged')).state;
    return revisions.find(({ id }) => traffic && id === mainRevision(traffic));
  };
  const aliases = async () => {
    const { aliases: all, next } = await registry.state('staged');
    return { champion: all['champion']?.version, challenger: all['challenger']?.version, versions: next - 1 };
  };

  it('deploys the first champion at once, after it gave its trainer’s answers', async () => {
    const first = await round(1, 'good', 0.7);
    assert.match(
      first.sentence,
      /^Promoted: there is no champion yet; version 1 at once: nothing was served before it;/,
    );
    assert.deepEqual(await aliases(), { champion: 1, challenger: 1, versions: 1 });
    assert.deepEqual((await answering())?.model.sha256, first.model);
  });

  it('promotes a better one by a rollout that outlives its worker, and moves the alias', async () => {
    const second = await round(2, 'better', 0.8, async () => {
      await until(async () => ((await rollouts.board('staged'))?.looks ?? 0) > 0);
      await worker.stop();
      worker = await startWorker();
    });
    assert.match(second.sentence, /^Promoted: AUC 0.800 .*; version 2 by rollout staged-000002-.*every step was good;/);
    const [end, ...others] = await rollouts.ended('staged');
    assert.deepEqual([others, end?.plan.id, end?.plan.version], [[], second.rollout, { name: 'staged', version: 2 }]);
    assert.deepEqual(second.outcome?.rollout?.evidence, end?.evidence);
    assert.deepEqual(await aliases(), { champion: 2, challenger: 2, versions: 2 });
    const { champion } = (await loops.show('staged')).state;
    assert.deepEqual([champion?.version, champion?.model], [2, second.model]);
    assert.deepEqual((await registry.get('staged', 2)).details.metrics, { auc: 0.8 });
  });

  it('finds its version and its rollout again when the round is reset', async () => {
    const { client } = await testEngine();
    const handle = client.workflow.getHandle(roundRunId(project, 'staged', 2));
    await resetTo(handle, 0);
    assert.equal(((await handle.result()) as { readonly verdict: string }).verdict, 'promoted');
    assert.equal((await rollouts.ended('staged')).length, 1);
    assert.equal((await aliases()).versions, 2);
  });

  it('ends as its rollout ends: one that fails comes back, and one that differs from its trainer meets nobody', async () => {
    const third = await round(3, 'broken', 0.9);
    assert.equal(third.verdict, 'rolledBack');
    assert.match(third.sentence, /^Rolled back on its way out by rollout \S+ \(evidence [0-9a-f]{12}\): more errors/);
    const fourth = await round(4, 'untrue', 0.9);
    assert.equal(fourth.verdict, 'refused');
    assert.match(fourth.sentence, /^Refused on its way out by rollout .* \[TY1706\]/);
    assert.equal((await answering())?.version?.version, 2);
    assert.deepEqual(await aliases(), { champion: 2, challenger: 4, versions: 4 });
    assert.deepEqual(failed, []);
  });

  it('aborts its rollout when the round is cancelled', async () => {
    const { client } = await testEngine();
    const fifth = await round(5, 'good', 0.9, async () => {
      await until(async () => (await rollouts.board('staged')) !== undefined);
      await rollouts.command('staged', 'pause', who);
      await client.workflow.getHandle(roundRunId(project, 'staged', 5)).cancel();
    });
    assert.equal(fifth.verdict, 'failed');
    assert.equal((await rollouts.ended('staged')).at(-1)?.outcome, 'aborted');
    assert.equal((await answering())?.version?.version, 2);
  });

  it('takes back at once what its labels contradict, with the alias', async () => {
    await loops.observe('staged', { rows: 10, asOf: new Date().toISOString() }, who);
    const sixth = await decision(6);
    assert.match(sixth.sentence, /^Rolled back to the model before: AUC 0.700 against/);
    assert.deepEqual(await aliases(), { champion: 1, challenger: 5, versions: 5 });
    const { champion } = (await loops.show('staged')).state;
    const standing = await answering();
    assert.deepEqual([standing?.version?.version, standing?.model.sha256], [1, champion?.model]);
    const { revisions } = (await endpoints.get('staged')).state;
    assert.ok(
      revisions.every(({ version }) => version?.version !== 2),
      'nobody can go back to it by mistake',
    );
  });
});

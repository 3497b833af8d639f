/** Rollouts on a real server with real traffic: promoted when they are good, back by themselves when not, and by hand. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { Endpoints } from '../../src/client/endpoints.js';
import { type NewRollout, Rollouts } from '../../src/client/rollouts.js';
import { entityWorkflowId } from '../../src/contracts/names.js';
import { rolloutKind } from '../../src/contracts/rollouts.js';
import { singleTraffic } from '../../src/contracts/traffic.js';
import { temporaryFolder } from '../artifacts/support.js';
import { expected, infer, jsonOf, modelOf, serve, tabularInputs } from '../server/support.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';

const project = `rollouts-${randomUUID().slice(0, 8)}`;
const who = { by: 'ana', reason: 'a test' };
const [firstRow] = expected.rows;
const inputs = tabularInputs([firstRow!]);
const hold = { seconds: 0, requests: 30 };
const steps: NewRollout['steps'] = [
  { mode: 'shadow', hold },
  { mode: 'canary', share: 0.5, hold },
  { mode: 'full', hold },
];
/** Fixtures answer differently by intent: only errors and accuracy are to count. */
const limits = { driftPsi: 1e9, latencySuperiority: 0.99 };

describe('a rollout', function () {
  this.timeout(120_000);
  let store: ArtifactStore;
  let folder: string;
  let worker: RunningPipelinesWorker;
  let endpoints: Endpoints;
  let rollouts: Rollouts;
  const startWorker = () =>
    startPipelinesWorker(new URL('./workflows.js', import.meta.url), { project: { name: project }, store });
  before(async () => {
    const root = await temporaryFolder();
    folder = join(root, 'serve');
    store = await openFileStore(join(root, 'store'));
    worker = await startWorker();
    const { client } = await testEngine();
    endpoints = new Endpoints({ client, project, store });
    rollouts = new Rollouts({ client, project, store });
  });
  after(() => worker.stop());

  /** An endpoint with a first model, a server, and clients that ask until they are stopped. */
  async function busy(name: string, label?: (revision: string) => number) {
    await endpoints.deploy(name, { model: await modelOf(store, 'tabular-1') }, who);
    const { address } = await serve(store, { folder, countsEveryMs: 30, logEveryMs: 30 });
    await until(async () => (await fetch(`${address}/v2/models/${name}/ready`)).ok);
    const asked = { stopped: false };
    const failed: number[] = [];
    const asking = (async () => {
      while (!asked.stopped) {
        const answer = await infer(address, name, { inputs });
        if (answer.status !== 200) failed.push(answer.status);
        else if (label) {
          const { id, model_version: revision = '' } = jsonOf(answer);
          const labels = [{ id, label: label(revision) }];
          await fetch(`${address}/v2/models/${name}/labels`, { method: 'POST', body: JSON.stringify(labels) });
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const stop = async () => {
      asked.stopped = true;
      await asking;
      return failed;
    };
    return { address, stop };
  }

  it('goes through its steps while no request fails, survives its worker, and keeps every look', async () => {
    const { stop } = await busy('good');
    const model = await modelOf(store, 'tabular-2');
    const id = await rollouts.start('good', { model, steps, limits, lookEvery: 0.2, ...who });
    assert.equal(await rollouts.start('good', { id, model, steps, limits, lookEvery: 0.2, ...who }), id);
    await assert.rejects(rollouts.start('good', { model, ...who }), { code: 'TY2309' });
    await until(async () => ((await rollouts.board('good'))?.looks ?? 0) > 0);
    await worker.stop();
    worker = await startWorker();
    const end = await rollouts.result('good', id);
    assert.deepEqual([end.outcome, end.because], ['promoted', 'every step was good']);
    assert.deepEqual((await endpoints.get('good')).state.traffic, singleTraffic(end.revision!));
    assert.deepEqual(await stop(), []);
    const looks = await rollouts.looks('good', id);
    assert.deepEqual([...new Set(looks.map(({ step }) => step))], [0, 1, 2]);
    assert.ok(looks.every(({ tests }) => tests.every(({ worse }) => !worse)));
    assert.equal(await rollouts.start('good', { id, model, steps, limits, ...who }), id, 'it has ended');
    assert.equal(await endpoints.rollBack('good', who), 1, 'not to a step of the rollout');
  });

  it('goes back by itself from a revision that fails, before anybody meets it', async () => {
    const { stop } = await busy('bad');
    const id = await rollouts.start('bad', { model: await modelOf(store, 'slow'), steps, lookEvery: 0.2, ...who });
    const end = await rollouts.result('bad', id);
    assert.equal(end.outcome, 'rolledBack');
    assert.match(end.because, /more errors: Fisher's exact, p = /);
    assert.deepEqual(await stop(), []);
    const { state, request } = await endpoints.get('bad');
    assert.deepEqual(state.traffic, singleTraffic(1));
    assert.deepEqual([state.revisions.map(({ id }) => id), end.withdrawn], [[1], true]);
    assert.equal(request.change.kind, 'withdraw');
    const looks = JSON.parse(new TextDecoder().decode(await bytesOf(store, end.evidence))) as unknown[];
    assert.equal(looks.length, (await rollouts.looks('bad', id)).length);
  });

  it('goes back by itself from a revision that is wrong, by the labels that come back', async () => {
    const right = expected.late['tabular-1'][0]! >= 0.5 ? 1 : 0;
    const other = expected.late['tabular-2'][0]! >= 0.5 ? 1 : 0;
    const { stop } = await busy('wrong', (revision) => (revision === '1' ? right : 1 - other));
    const canary: NewRollout['steps'] = [{ mode: 'canary', share: 0.5, hold: { seconds: 0, requests: 400 } }];
    const model = await modelOf(store, 'tabular-2');
    const id = await rollouts.start('wrong', { model, steps: canary, limits, lookEvery: 0.2, ...who });
    const end = await rollouts.result('wrong', id);
    assert.equal(end.outcome, 'rolledBack', end.because);
    assert.match(end.because, /less accurate/);
    assert.deepEqual(await stop(), []);
  });

  it('is paused, resumed and promoted by hand', async () => {
    await endpoints.deploy('hand', { model: await modelOf(store, 'tabular-1') }, who);
    const model = await modelOf(store, 'tabular-2');
    const id = await rollouts.start('hand', { model, steps, lookEvery: 0.1, ...who });
    assert.equal((await rollouts.command('hand', 'pause', who)).paused, true);
    assert.equal((await rollouts.command('hand', 'resume', who)).paused, false);
    await rollouts.command('hand', 'promote', { by: 'bo', reason: 'in a hurry' });
    const end = await rollouts.result('hand', id);
    assert.deepEqual([end.outcome, end.because, end.commands.length], ['promoted', 'bo: in a hurry', 3]);
    const { by, state } = await endpoints.get('hand');
    assert.deepEqual([by.name, state.traffic], ['bo', singleTraffic(end.revision!)]);
    await assert.rejects(rollouts.command('hand', 'abort', who), { code: 'TY2311' });
  });

  it('goes on in a new run before its history is long, with all that it knows', async () => {
    await endpoints.deploy('long', { model: await modelOf(store, 'tabular-1') }, who);
    const model = await modelOf(store, 'tabular-2');
    const id = await rollouts.start('long', { model, steps, lookEvery: 0.1, ...who });
    const { client } = await testEngine();
    const handle = client.workflow.getHandle(entityWorkflowId(project, rolloutKind, 'long'));
    const { runId } = await handle.describe();
    await rollouts.command('long', 'pause', who);
    await rollouts.command('long', 'resume', who);
    // Nobody asks this endpoint: no step ends. Four megabytes of history are as long as 4,096 events.
    for (let part = 0; part < 17; part++) await handle.signal('nobody-listens', 'x'.repeat(250_000));
    await until(async () => (await handle.describe()).runId !== runId);
    const looks = (await rollouts.looks('long', id)).length;
    await until(async () => ((await rollouts.board('long'))?.looks ?? 0) > looks);
    assert.equal((await rollouts.board('long'))?.step, 0);
    await rollouts.command('long', 'abort', who);
    const end = await rollouts.result('long', id);
    assert.deepEqual([end.outcome, end.commands.map(({ verb }) => verb)], ['aborted', ['pause', 'resume', 'abort']]);
    const numbers = (await rollouts.looks('long', id)).map(({ look }) => look);
    assert.deepEqual(
      numbers,
      [...numbers.keys()].map((at) => at + 1),
    );
    assert.deepEqual((await endpoints.get('long')).state.traffic, singleTraffic(1));
  });

  it('is aborted by hand, and ends where somebody else changes the traffic', async () => {
    await endpoints.deploy('away', { model: await modelOf(store, 'tabular-1') }, who);
    const model = await modelOf(store, 'tabular-2');
    const first = await rollouts.start('away', { model, steps, lookEvery: 0.1, ...who });
    await until(async () => (await endpoints.get('away')).state.traffic?.mode === 'shadow');
    await rollouts.command('away', 'abort', who);
    assert.equal((await rollouts.result('away', first)).outcome, 'aborted');
    assert.deepEqual((await endpoints.get('away')).state.traffic, singleTraffic(1));
    const second = await rollouts.start('away', { model, steps, lookEvery: 0.1, ...who });
    await until(async () => (await endpoints.get('away')).state.traffic?.mode === 'shadow');
    const revision = await endpoints.deploy('away', { model, traffic: 'none' }, who);
    assert.equal((await rollouts.result('away', second)).outcome, 'overtaken');
    const { traffic } = (await endpoints.get('away')).state;
    assert.deepEqual([traffic?.mode, traffic?.shares.map((one) => one.revision)], ['single', [1, revision]]);
    assert.equal((await rollouts.ended('away')).length, 2);
    await assert.rejects(rollouts.start('none', { model, ...who }), { code: 'TY2310' });
  });
});

async function bytesOf(from: ArtifactStore, ref: Parameters<ArtifactStore['get']>[0]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of from.get(ref)) pieces.push(piece);
  return Buffer.concat(pieces);
}

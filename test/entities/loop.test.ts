/** A retraining loop on a real server: what it promotes, refuses and takes back, and that nothing of it happens twice. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { changeEntity } from '../../src/client/change-entity.js';
import { Loops } from '../../src/client/loops.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { loops as loopEntity } from '../../src/contracts/loop-rules.js';
import { entityWorkflowId, roundRunId } from '../../src/contracts/names.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import * as contracts from './loop-contracts.js';

const project = `loops-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const by = 'ana';

const startWorker = () =>
  startPipelinesWorker(new URL('./loop-workflows.js', import.meta.url), { project: { name: project }, store });

async function client() {
  return new Loops({ project, store, client: (await testEngine()).client });
}

/** Until a round has ended. */
async function decision(name: string, round: number) {
  const loops = await client();
  for (;;) {
    const { state } = await loops.show(name);
    const found = state.decisions.find((one) => one.round === round);
    if (found) return { ...found, state };
    await delay(20);
  }
}

async function trainAt(name: string, auc: number | string) {
  return (await client()).trigger(name, {}, { by, reason: String(auc) });
}

describe('a retraining loop on a server', function () {
  this.timeout(120_000);
  let worker: RunningPipelinesWorker;
  before(async () => {
    worker = await startWorker();
    await (await client()).declare(contracts.tried, { by, reason: 'a test' });
  });
  after(() => worker.stop());

  it('promotes the first model, refuses one within the margin, promotes a better one, each in a sentence', async () => {
    const aucs = [0.7, 0.702, 0.75];
    const verdicts = [];
    for (const [at, auc] of aucs.entries()) {
      await trainAt('tried', auc);
      verdicts.push(await decision('tried', at + 1));
    }
    assert.deepEqual(
      verdicts.map(({ verdict }) => verdict),
      ['promoted', 'refused', 'promoted'],
    );
    assert.match(verdicts[0]!.sentence, /^Promoted: there is no champion yet; asked for by a person \(0.7\)\.$/);
    assert.match(verdicts[1]!.sentence, /^Refused: AUC 0.702 against the champion's 0.700 on the same 6,000 rows/);
    assert.equal(verdicts[2]!.state.champion?.round, 3);
    const explained = await (await client()).explain('tried', 2);
    assert.equal(explained.outcome?.comparison?.champion, 0.7);
    assert.equal(explained.outcome.challenger?.model.sha256, '2'.padStart(64, '0'));
  });

  it('keeps a new champion that its labels do not contradict', async () => {
    await (await client()).observe('tried', { rows: 10, asOf: new Date().toISOString() }, { by, reason: 'labels' });
    assert.match((await decision('tried', 4)).sentence, /^Kept: AUC 0.750 against that of the model before it, 0.700/);
  });

  it('goes back by itself from a model that somebody put past the gate', async () => {
    const loops = await client();
    const sha256 = 'f'.repeat(64);
    const model: ModelRef = {
      uri: `artifact://sha256/${sha256}`,
      sha256,
      sizeBytes: 7,
      kind: 'model',
      inputs: [],
      outputs: [],
    };
    await loops.adopt('tried', { model, metrics: { auc: 0.5 } }, { by, reason: 'it looked fine' });
    const { verdict, sentence, state } = await decision('tried', 5);
    assert.equal(verdict, 'rolledBack');
    assert.match(sentence, /^Rolled back to the model before: AUC 0.500 against/);
    assert.equal(state.champion?.round, 3);
  });

  it('begins and decides its rounds itself: nobody else can', async () => {
    const { client: temporal } = await testEngine();
    const before = await (await client()).show('tried');
    const decision = { round: 6, verdict: 'kept', sentence: 'Kept: says who?' } as const;
    for (const change of [{ kind: 'begin', purpose: 'train' } as const, { kind: 'decide', decision } as const])
      await assert.rejects(
        changeEntity({ client: temporal, project }, loopEntity, 'tried', change, { by, reason: 'now' }),
        {
          code: 'TY1915',
        },
      );
    assert.equal((await (await client()).show('tried')).generation, before.generation);
  });

  it('goes on after a round that failed, and says why it did', async () => {
    await trainAt('tried', 'not a number');
    const { sentence, state } = await decision('tried', 6);
    assert.equal(sentence, 'Failed: nothing to be learnt');
    assert.equal(state.champion?.round, 3);
  });

  it('asks a person where its policy says so, and waits for the answer through continue-as-new', async () => {
    const { client: temporal } = await testEngine();
    const pipelines = new PipelineClient({ client: temporal, project, store });
    await (await client()).declare(contracts.asked, { by, reason: 'a test' });
    await trainAt('asked', 0.7);
    const run = pipelines.get(roundRunId(project, 'asked', 1));
    for (;;) {
      const open = await run.status().then(
        ({ approvals }) => approvals.length > 0,
        () => false,
      );
      if (open) break;
      await delay(20);
    }
    const entity = temporal.workflow.getHandle(entityWorkflowId(project, 'loops', 'asked'));
    const { runId } = await entity.describe();
    let rows = 0;
    const clients = Array.from({ length: 8 }, async () => {
      const loops = await client();
      const asOf = new Date().toISOString();
      while (rows < 1_520)
        await loops.observe('asked', { rows: ++rows, asOf }, { by, reason: 'labels', patienceMs: 60_000 });
    });
    await Promise.all(clients);
    assert.notEqual((await entity.describe()).runId, runId);
    await run.reject('promotion', { by: 'bo', reason: 'not today' });
    assert.match((await decision('asked', 1)).sentence, /^Rejected by bo \(not today\)/);
  });

  it('survives that its worker goes away in a round, and begins none twice', async () => {
    await trainAt('tried', 0.8);
    await worker.stop();
    worker = await startWorker();
    await decision('tried', 7);
    const loops = await client();
    const rounds = [];
    for await (const { request, state } of loops.history('tried')) {
      if (request.change.kind === 'begin') rounds.push(`begin ${state.rounds}`);
      if (request.change.kind === 'decide') rounds.push(`decide ${request.change.decision.round}`);
    }
    assert.deepEqual(
      rounds,
      [1, 2, 3, 4, 5, 6, 7].flatMap((round) => [`begin ${round}`, `decide ${round}`]),
    );
  });
});

/** Entities on a real server: changes in order, each once, durable, remembered, and repeated by nobody. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ActivityFailure, WorkflowFailedError } from '@temporalio/client';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { changeEntity, type ChangeOptions } from '../../src/client/change-entity.js';
import { changeUpdate } from '../../src/contracts/entities.js';
import { entityWorkflowId } from '../../src/contracts/names.js';
import { changeDirectly, entityHeadAsOf, entityHistory, latestEntityHead } from '../../src/records/entity-heads.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { counters } from './counters.js';

const project = `entities-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();

const startWorker = () =>
  startPipelinesWorker(new URL('./counter-workflows.js', import.meta.url), { project: { name: project }, store });

async function add(name: string, number: number, options: Partial<ChangeOptions> = {}): Promise<number> {
  const { client } = await testEngine();
  return changeEntity(
    { client, project },
    counters,
    name,
    { add: number },
    { by: 'ana', reason: 'a test', ...options },
  );
}

async function entity(name: string) {
  const { client } = await testEngine();
  return client.workflow.getHandle(entityWorkflowId(project, counters.kind, name));
}

async function crowd() {
  const heads = [];
  for await (const head of entityHistory({ store }, counters, 'crowd')) heads.push(head);
  return heads;
}

describe('an entity', function () {
  this.timeout(120_000);
  let worker: RunningPipelinesWorker;
  before(async () => {
    worker = await startWorker();
  });
  after(() => worker.stop());

  it('answers a change when its head is published, with who asked and why', async () => {
    assert.equal(await add('one', 5), 5);
    const head = await latestEntityHead({ store }, counters, 'one');
    assert.deepEqual([head?.generation, head?.state, head?.result], [1, { value: 5 }, 5]);
    assert.deepEqual(head?.by, { name: 'ana', standing: 'claimed' });
    assert.equal(head.request.reason, 'a test');
  });

  it('refuses what its rules refuse, in their words and with their code, and publishes nothing', async () => {
    await add('floor', 1);
    await assert.rejects(add('floor', -2), { code: 'TY1003', what: '1 - 2 is below zero' });
    assert.equal((await latestEntityHead({ store }, counters, 'floor'))?.generation, 1);
  });

  it('answers a request id twice and makes the change once', async () => {
    const again = { requestId: randomUUID() };
    assert.deepEqual([await add('twice', 3, again), await add('twice', 3, again)], [3, 3]);
    assert.equal((await latestEntityHead({ store }, counters, 'twice'))?.state.value, 3);
  });

  it('takes a crowd of changes through continue-as-new: none lost, none twice', async () => {
    await add('crowd', 0);
    const first = (await (await entity('crowd')).describe()).runId;
    const total = 1_650;
    let left = total;
    const clients = Array.from({ length: 8 }, async () => {
      while (left-- > 0) await add('crowd', 1, { patienceMs: 60_000 });
    });
    await Promise.all(clients);
    assert.equal((await latestEntityHead({ store }, counters, 'crowd'))?.state.value, total);
    assert.notEqual((await (await entity('crowd')).describe()).runId, first);
    const history = await crowd();
    assert.equal(history.length, total + 1);
    for (const [at, head] of history.entries()) {
      assert.equal(head.state.value, at);
      assert.equal(head.previous, history[at - 1]?.digest ?? null);
      assert.ok(at === 0 || head.at >= history[at - 1]!.at);
    }
  });

  it('knows a request of the run before', async () => {
    const heads = await crowd();
    await (await entity('crowd')).terminate('its history is gone');
    assert.equal(await add('crowd', 1, { requestId: heads.at(-1)!.request.id }), 1_650);
    assert.equal((await latestEntityHead({ store }, counters, 'crowd'))?.generation, heads.length);
  });

  it('goes on from the store where its history is gone, and from what was published beside it', async () => {
    await add('beside', 2);
    const request = { id: randomUUID(), reason: 'no engine at hand', change: { add: 10 } };
    await changeDirectly(store, counters, 'beside', request, { name: 'bo', standing: 'claimed' });
    assert.equal(await add('beside', 1), 13);
    assert.equal(await add('beside', 10, { requestId: request.id }), 12);
  });

  it('begins anew where its workers have another store, which knows nothing of it', async () => {
    await add('moved', 5);
    await worker.stop();
    const other = new MemoryStore();
    const workers = new URL('./counter-workflows.js', import.meta.url);
    worker = await startPipelinesWorker(workers, { project: { name: project }, store: other });
    assert.deepEqual([await add('moved', 2), await add('moved', 1)], [2, 3]);
    assert.equal((await latestEntityHead({ store: other }, counters, 'moved'))?.generation, 2);
    await worker.stop();
    worker = await startWorker();
    assert.equal(await add('moved', 1), 6);
  });

  it('is read as of any time', async () => {
    await add('time', 1);
    const between = (await latestEntityHead({ store }, counters, 'time'))!.at;
    await add('time', 1);
    const later = (await latestEntityHead({ store }, counters, 'time'))!;
    assert.equal(
      (await entityHeadAsOf({ store }, counters, 'time', between))?.generation,
      later.at === between ? 2 : 1,
    );
    assert.equal((await entityHeadAsOf({ store }, counters, 'time', later.at))?.generation, 2);
    assert.equal(await entityHeadAsOf({ store }, counters, 'time', '2001-01-01T00:00:00Z'), undefined);
  });

  it('is changed by a workflow, whose name stands in its head', async () => {
    const { client } = await testEngine();
    const start = (workflowId: string, ...numbers: number[]) =>
      client.workflow.execute('count', { workflowId, taskQueue: `${project}/pipelines`, args: ['by-run', ...numbers] });
    assert.deepEqual(await start('counting', 2, 3), [2, 5]);
    const head = await latestEntityHead({ store }, counters, 'by-run');
    assert.deepEqual([head?.by.name, head?.request.reason], ['run counting', 'the run counts']);
    const failure: unknown = await start('sinking', -9).catch((error: unknown) => error);
    assert.ok(failure instanceof WorkflowFailedError && failure.cause instanceof ActivityFailure);
    assert.match(String(failure.cause.cause?.message), /5 - 9 is below zero/);
  });

  it('refuses what is no change before it is in history', async () => {
    await add('strict', 1);
    const handle = await entity('strict');
    await assert.rejects(
      handle.executeUpdate(changeUpdate, { args: [{ id: 'x', by: { name: 'ana' }, reason: 'why', change: {} }] }),
    );
    const { events } = await handle.fetchHistory();
    assert.equal(events?.filter(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted).length, 1);
  });

  it('says so when no worker answers, and the change is made once when one does', async () => {
    await add('asleep', 1);
    await worker.stop();
    const requestId = randomUUID();
    await assert.rejects(add('asleep', 1, { requestId, patienceMs: 1_500 }), { code: 'TY1914' });
    worker = await startWorker();
    assert.equal(await add('asleep', 1, { requestId }), 2);
  });
});

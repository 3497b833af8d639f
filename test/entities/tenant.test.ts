/** At most so many runs of a tenant at a time: real runs, a real server, and workers that come and go. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PipelineClient, type StartOptions } from '../../src/client/pipeline-client.js';
import type { Run } from '../../src/client/run.js';
import { requestPlaceSignal, tenantMemo } from '../../src/contracts/tenants.js';
import { tenantWorkflowId } from '../../src/contracts/names.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { completedTasks, resetTo } from '../support/reset.js';
import { until } from '../support/until.js';
import { held } from './contracts.js';

const project = { name: `tenants-${randomUUID().slice(0, 8)}`, tenants: { acme: { maxRuns: 2 }, '*': { maxRuns: 1 } } };

const startWorker = () => startPipelinesWorker(new URL('./workflows.js', import.meta.url), { project });

describe('the runs of a tenant', function () {
  this.timeout(120_000);
  let worker: { stop(): Promise<void> };
  let pipelines: PipelineClient;
  before(async () => {
    pipelines = new PipelineClient({ client: (await testEngine()).client, project: project.name });
    worker = await startWorker();
  });
  after(() => worker.stop());

  const start = (workflowId: string, options: Partial<StartOptions<typeof held>> = {}) =>
    pipelines.start(held, { workflowId, input: {}, tenant: 'acme', ...options });
  const began = async (run: Run) => (await run.workflow.describe()).memo?.['began'] !== undefined;
  const untilBegan = (...runs: Run[]) => until(async () => (await Promise.all(runs.map(began))).every(Boolean));
  const untilAhead = (run: Run, ahead: number) => until(async () => (await run.status()).place?.ahead === ahead);
  const end = (run: Run, how = 'well') => run.workflow.signal('end', how);
  const queueEnded = async (tenant: string) => {
    const { client } = await testEngine();
    const queue = client.workflow.getHandle(tenantWorkflowId(project.name, tenant));
    await until(async () => (await queue.describe()).status.name === 'COMPLETED');
  };

  it('wait above the cap, say so, and begin in order, a better priority first', async () => {
    const [one, two] = [await start('one'), await start('two')];
    await untilBegan(one, two);
    const three = await start('three');
    await untilAhead(three, 0);
    const four = await start('four');
    await untilAhead(four, 1);
    const urgent = await start('urgent', { priority: 1 });
    await untilAhead(four, 2);
    const { tenant, priority, place, stages } = await urgent.status();
    assert.deepEqual([tenant, priority, stages], ['acme', 1, []]);
    assert.deepEqual(place, { tenant: 'acme', maxRuns: 2, ahead: 0, orMore: false });
    for (const [ending, next] of [
      [one, urgent],
      [two, three],
      [urgent, four],
    ] as const) {
      await end(ending);
      await untilBegan(next);
    }
    assert.equal((await four.status()).place, undefined);
    await end(three);
    await end(four);
    await queueEnded('acme');
    const listed: string[] = [];
    for await (const { workflowId } of pipelines.list()) listed.push(workflowId);
    assert.deepEqual(
      listed.filter((id) => id.includes(':')),
      [],
    );
  });

  it('give their place back however they end', async () => {
    const waysToEnd: Record<string, (run: Run) => Promise<unknown>> = {
      completed: (run) => end(run),
      failed: (run) => end(run, 'fail'),
      cancelled: (run) => run.cancel(),
      terminated: (run) => run.workflow.terminate(),
    };
    let holder = await start('holder', { tenant: 'solo' });
    for (const [name, finish] of Object.entries(waysToEnd)) {
      await untilBegan(holder);
      const next = await start(`after-${name}`, { tenant: 'solo' });
      await untilAhead(next, 0);
      await finish(holder);
      holder = next;
    }
    await untilBegan(holder);
    // Temporal's own client can start a tenant's run, too; this one runs into its time limit.
    const { client } = await testEngine();
    const limited = await client.workflow.start(held.name, {
      workflowId: `${project.name}/limited`,
      taskQueue: `${project.name}/pipelines`,
      args: [{}],
      memo: { [tenantMemo]: 'solo' },
      workflowExecutionTimeout: '3 seconds',
    });
    await untilAhead(pipelines.get('limited'), 0);
    const last = await start('after-timed-out', { tenant: 'solo' });
    await end(holder);
    await untilBegan(last);
    assert.equal((await limited.describe()).status.name, 'TIMED_OUT');
    await end(last);
    await queueEnded('solo');
  });

  it('keep it when they continue as new, and when they are reset', async () => {
    const holder = await start('long', { tenant: 'loop', budget: { cost: 100 } });
    await untilBegan(holder);
    const next = await start('next', { tenant: 'loop' });
    await untilAhead(next, 0);
    const { runId } = await holder.workflow.describe();
    await end(holder, 'again');
    await until(async () => (await holder.workflow.describe()).runId !== runId);
    await untilBegan(holder);
    assert.equal((await holder.status()).tenant, 'loop');
    const tasks = await completedTasks(holder.workflow);
    await resetTo(holder.workflow, tasks - 1);
    await untilBegan(holder);
    // To before its place was granted: it asks for it again.
    await resetTo(holder.workflow, 0);
    await untilBegan(holder);
    assert.equal((await next.status()).place?.ahead, 0);
    await end(holder);
    await untilBegan(next);
    await end(next);
    await queueEnded('loop');
  });

  it('that end while they wait are passed over', async () => {
    const holder = await start('first', { tenant: 'gone' });
    await untilBegan(holder);
    const [terminated, cancelled, last] = [
      await start('terminated', { tenant: 'gone' }),
      await start('cancelled', { tenant: 'gone' }),
      await start('last', { tenant: 'gone' }),
    ];
    await untilAhead(last, 2);
    await terminated.workflow.terminate();
    await cancelled.cancel();
    await until(async () => (await cancelled.status()).state === 'cancelled');
    await end(holder);
    await untilBegan(last);
    await end(last);
  });

  it('get the places that came free while no worker ran, and wait on through a queue that begins a new history', async () => {
    const { client } = await testEngine();
    const holder = await start('holding', { tenant: 'down' });
    await untilBegan(holder);
    const next = await start('then', { tenant: 'down' });
    await untilAhead(next, 0);
    const queue = client.workflow.getHandle(tenantWorkflowId(project.name, 'down'));
    const { runId } = await queue.describe();
    const chain = (await holder.workflow.describe()).runId;
    const again = { workflowId: holder.workflowId, chain, priority: 3, since: 0 };
    for (let asked = 0; asked < 300; asked += 20)
      await Promise.all(Array.from({ length: 20 }, () => queue.signal(requestPlaceSignal, again, 1)));
    await until(async () => (await queue.describe()).runId !== runId);
    await untilAhead(next, 0);
    await worker.stop();
    await holder.workflow.terminate();
    worker = await startWorker();
    await untilBegan(next);
    await end(next);
    await queueEnded('down');
  });

  it('are not counted where the project says nothing, and cannot take the name of a queue', async () => {
    const free = await pipelines.start(held, { workflowId: 'free', input: {} });
    await untilBegan(free);
    await end(free);
    const { events } = await free.workflow.fetchHistory();
    assert.equal(events?.filter((event) => event.activityTaskScheduledEventAttributes).length, 0);
    await assert.rejects(start('trainyard:tenants/acme'), { code: 'TY1006' });
    await assert.rejects(start('loud', { tenant: 'a b' }), { code: 'TY1006' });
    await assert.rejects(start('loud', { priority: 7 as never }), { code: 'TY1008' });
  });
});

/** Schedules on a real server: every slice gets one successful run, whatever happens to ticks, workers and people's patience. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { tickSignal } from '../../src/contracts/slices.js';
import { slicesEntity } from '../../src/contracts/slices-entity.js';
import type { Schedule } from '../../src/client/schedule.js';
import { defineSchedule, type ScheduleDefinition, type Slice } from '../../src/contracts/define-schedule.js';
import { entityWorkflowId, scheduleIdOf, sliceId, sliceRunId } from '../../src/contracts/names.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { goOnSignal, held, sliced } from './contracts.js';

const project = `schedules-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const who = { by: 'ana', reason: 'a test' };
const hourMs = 3_600_000;

/** Slices whose data is missing. */
const failing = new Set<string>();
const input = ({ id, from, to }: Slice) => ({ from, to, fail: failing.has(id) });

const definitions = [
  defineSchedule('seconds', { pipeline: sliced, input, intervals: [{ every: '1 second' }], concurrency: 5 }),
  defineSchedule('hourly', { pipeline: sliced, input, cron: ['0 * * * *'], concurrency: 5 }),
  defineSchedule('berlin', {
    pipeline: sliced,
    input,
    cron: ['30 2 * * *'],
    timeZone: 'Europe/Berlin',
    budget: { cost: 5 },
  }),
  defineSchedule('skipping', {
    pipeline: held,
    input: () => ({}),
    intervals: [{ every: '1 second' }],
    overlap: 'SKIP',
  }),
  defineSchedule('kept', { pipeline: sliced, input, cron: ['0 * * * *'], order: 'kept' }),
];
const schedules: ReadonlyMap<string, ScheduleDefinition> = new Map(definitions.map((one) => [one.name, one]));

async function startWorker() {
  const { searchAttributes } = (await testEngine()).engine;
  const options = { project: { name: project }, store, schedules, searchAttributes };
  return startPipelinesWorker(new URL('./workflows.js', import.meta.url), options);
}

async function pipelines() {
  const { client } = await testEngine();
  return new PipelineClient({ client, project, store });
}

async function made(name: string): Promise<Schedule> {
  return (await pipelines()).schedule(schedules.get(name)!, who);
}

/** So many hours ago, on the hour. */
const hoursAgo = (hours: number) => new Date(Math.floor(Date.now() / hourMs) * hourMs - hours * hourMs);

async function tick(name: string, at: Date): Promise<void> {
  const { client } = await testEngine();
  const entity = client.workflow.getHandle(entityWorkflowId(project, slicesEntity.kind, name));
  await entity.signal(tickSignal, sliceId(at.getTime()));
}

const atRest = (schedule: Schedule) =>
  until(async () => {
    const { backfills, wanted, board } = await schedule.status();
    return backfills.length + wanted.length + (board?.open.length ?? 0) === 0;
  });

describe('a schedule', function () {
  this.timeout(120_000);
  let worker: RunningPipelinesWorker;
  before(async () => {
    worker = await startWorker();
  });
  after(() => worker.stop());

  it('runs each slice once, also those of the time in which no worker ran', async () => {
    const schedule = await made('seconds');
    const count = async () => (await schedule.status()).board?.succeeded ?? 0;
    await until(async () => (await count()) >= 2);
    await worker.stop();
    const { next } = await schedule.status();
    await until(() => Promise.resolve(Date.now() > Date.parse(next[2]!)));
    worker = await startWorker();
    await until(async () => Date.parse((await schedule.status()).board!.through) >= Date.parse(next[3]!));
    await schedule.pause(who);
    await atRest(schedule);
    const { missing, double, failed, succeeded, expected } = await schedule.verify({ to: new Date(next[3]!) });
    assert.deepEqual({ missing, double, failed }, { missing: [], double: [], failed: [] });
    assert.ok(succeeded === expected && expected >= 5, `${succeeded} of ${expected}`);
    await schedule.delete(who);
    await assert.rejects(schedule.status(), { code: 'TY2405' });
  });

  it('backfills twice, over what ran and beside triggers, and runs each slice once', async () => {
    const schedule = await made('hourly');
    const { client } = await testEngine();
    const [from, middle, to] = [hoursAgo(60), hoursAgo(30), hoursAgo(0)];
    await schedule.backfill({ from, to: middle }, who);
    await schedule.trigger({ ...who, slice: hoursAgo(10) });
    const { slices } = await schedule.backfill({ from, to }, who);
    assert.equal(slices, 60);
    await schedule.backfill({ from, to }, who);
    // Temporal's own backfill and trigger: ticks of the past, and one of this moment.
    const ticks = client.schedule.getHandle(scheduleIdOf(project, 'hourly'));
    await ticks.backfill({ start: hoursAgo(3), end: hoursAgo(1), overlap: 'ALLOW_ALL' });
    await ticks.trigger('ALLOW_ALL');
    await until(async () => (await schedule.verify({ from, to })).succeeded === 60);
    await until(async () => (await schedule.verify({ from })).beside.length === 1);
    await atRest(schedule);
    const { missing, double, expected } = await schedule.verify({ from, to });
    assert.deepEqual({ missing, double, expected }, { missing: [], double: [], expected: 60 });
    assert.equal(typeof (await schedule.trigger({ ...who, slice: hoursAgo(10) })).succeeded, 'string');
  });

  it('has spans that join, whatever the clocks do', async () => {
    const schedule = await made('berlin');
    const spring = { from: new Date('2026-03-27T12:00Z'), to: new Date('2026-03-31T12:00Z') };
    await schedule.backfill(spring, who);
    await atRest(schedule);
    const run = (await pipelines()).get<{ to: string }>('berlin/2026-03-30T00:30:00Z');
    const { events } = await run.workflow.fetchHistory();
    const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    assert.deepEqual(JSON.parse(Buffer.from(data ?? []).toString()), {
      from: '2026-03-28T01:30:00Z',
      to: '2026-03-30T00:30:00Z',
      fail: false,
    });
    const { memo, typedSearchAttributes } = await run.workflow.describe();
    const attributes = typedSearchAttributes.getAll().map(({ key: { name }, value }) => [name, value]);
    assert.deepEqual(Object.fromEntries(attributes.filter(([name]) => String(name).startsWith('Ty'))), {
      TyProject: project,
      TyPipeline: 'sliced',
    });
    assert.deepEqual(memo?.['trainyard-budget'], { limits: { cost: 5 }, scope: `${project}/berlin` });
    await schedule.raiseBudget({ cost: 9, ...who });
    assert.deepEqual((await schedule.status()).terms.budget, { cost: 9 });
    const definition = schedules.get('berlin')!;
    assert.deepEqual((await schedule.update(definition, who)).budget, { cost: 9 });
    assert.deepEqual((await schedule.update(definition, { ...who, resetsBudget: true })).budget, { cost: 5 });
    await schedule.raiseBudget({ cost: 9, ...who });
    await assert.rejects(schedule.raiseBudget({ cost: 9, ...who }), { code: 'TY1912' });
  });

  it('keeps the order, stops at a failure, and runs what failed only when asked', async () => {
    const schedule = await made('kept');
    const span = { from: hoursAgo(6), to: hoursAgo(0) };
    const bad = sliceId(hoursAgo(3).getTime());
    failing.add(bad);
    await schedule.backfill(span, who);
    await until(async () => (await schedule.status()).paused !== null);
    assert.match((await schedule.status()).paused!.reason, /the data of this slice is not there/);
    const stopped = await schedule.verify(span);
    assert.deepEqual([stopped.succeeded, stopped.failed, stopped.waiting.length], [2, [bad], 3]);
    const { client } = await testEngine();
    const ticks = client.schedule.getHandle(scheduleIdOf(project, 'kept'));
    await until(async () => (await ticks.describe()).state.paused);

    failing.delete(bad);
    await schedule.resume(who);
    await atRest(schedule);
    assert.deepEqual((await schedule.verify(span)).failed, [bad]);
    await schedule.backfill(span, who);
    await atRest(schedule);
    assert.deepEqual((await schedule.verify(span)).failed, [bad]);
    await schedule.backfill({ ...span, failed: true }, who);
    await atRest(schedule);
    const { succeeded, failed, double } = await schedule.verify(span);
    assert.deepEqual([succeeded, failed, double], [6, [], []]);
  });

  it('passes over what comes due while as many run as may where its contract says so, and says since when doubles are seen', async () => {
    const schedule = await made('skipping');
    const isPassing = async () => (await schedule.verify()).skipped > 1;
    await until(isPassing);
    await schedule.pause(who);
    const { client } = await testEngine();
    for (const at of (await schedule.status()).board!.open)
      await client.workflow.getHandle(sliceRunId(project, 'skipping', at)).signal(goOnSignal);
    await atRest(schedule);
    const { succeeded, skipped, expected, missing, failed, double, doublesSince, from } = await schedule.verify();
    assert.deepEqual(
      { succeeded, missing, failed, double },
      { succeeded: expected, missing: [], failed: [], double: [] },
    );
    assert.ok(expected >= 1 && skipped > 1, `${expected} ran, ${skipped} were passed over`);
    assert.ok(doublesSince < from);
    const other = { pipeline: sliced, input, intervals: [{ every: '1 second' }] } as const;
    for (const overlap of ['CANCEL_OTHER', 'ALLOW_ALL', 'skip'])
      assert.throws(() => defineSchedule('none', { ...other, overlap: overlap as 'SKIP' }), { code: 'TY2402' });
  });

  it('says that it is there already, that it is not, and that there is nothing to resume', async () => {
    await assert.rejects(made('kept'), { code: 'TY2406' });
    const schedule = (await pipelines()).scheduleOf('kept');
    await assert.rejects(schedule.resume(who), { code: 'TY2407' });
    await assert.rejects(schedule.trigger({ ...who, slice: new Date('2026-01-01T00:10Z') }), { code: 'TY2407' });
    await assert.rejects((await pipelines()).scheduleOf('none').pause(who), { code: 'TY2405' });
  });

  it('passes over what came due in a pause where one says so, and takes old and repeated ticks for what they are', async () => {
    const schedule = (await pipelines()).scheduleOf('hourly');
    const { board } = await schedule.status();
    await tick('hourly', hoursAgo(5));
    await tick('hourly', hoursAgo(5));
    await schedule.pause(who);
    await schedule.resume({ ...who, skip: true });
    await atRest(schedule);
    const now = await schedule.status();
    assert.equal(now.skipped.length, 1);
    assert.equal(now.board?.succeeded, board?.succeeded);
  });
});

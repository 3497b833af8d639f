/** Runs that want the same slot: whose turn it is, and who makes room. */
import assert from 'node:assert/strict';
import proto from '@temporalio/proto';
import type { StartOptions } from '../../src/client/pipeline-client.js';
import type { Run } from '../../src/client/run.js';
import { attemptStory } from '../../src/client/attempt-story.js';
import { taskQueue } from '../../src/contracts/names.js';
import { readAttemptLog } from '../../src/records/attempt-log.js';
import { jsonLines, runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { counting } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

const { TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

type Options = Partial<Omit<StartOptions<typeof counting>, 'input'>>;

describe('a pool with one slot', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines', 'cpu', 'single', 'tight'] });

  /** Holds the slot at its third step until the gate opens. */
  const hold = async (pool: string, options: Options = {}) => {
    const { pipelines, gate } = running();
    const held = gate();
    const run = await pipelines.start(counting, { input: { steps: 4, holdAt: 3, gate: held, pool }, ...options });
    await reaches(run, 2);
    return { run, held };
  };
  const queue = async (pool: string, options: Options = {}) => {
    const run = await running().pipelines.start(counting, { input: { steps: 1, pool }, ...options });
    await until(async () => (await stageOf(run))?.state === 'waiting');
    return run;
  };
  const longestWaitMs = async (pool: string) => {
    const { client } = running();
    const { stats } = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: taskQueue('small', pool) },
      taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
      reportStats: true,
    });
    return Number(stats?.approximateBacklogAge?.seconds ?? 0) * 1_000;
  };
  const story = async (run: Run) => {
    const { stageKey, log } = (await stageOf(run))!;
    return attemptStory(await readAttemptLog(running().store, stageKey!, log));
  };

  it('takes what waits by priority, and in turn between tenants of one', async () => {
    const { run, held } = await hold('single');
    const waiting: Record<string, Run> = {};
    for (const n of [1, 2, 3, 4]) waiting[`a${n}`] = await queue('single', { tenant: 'a' });
    for (const n of [1, 2]) waiting[`b${n}`] = await queue('single', { tenant: 'b' });
    waiting['last'] = await queue('single', { priority: 5 });
    waiting['first'] = await queue('single', { priority: 1 });
    running().open(held);
    await run.result();
    const began: [string, Date][] = [];
    for (const [name, one] of Object.entries(waiting)) {
      await one.result();
      began.push([name, (await stageOf(one))!.startedAt!]);
    }
    const order = began.sort(([, one], [, other]) => one.getTime() - other.getTime()).map(([name]) => name);
    assert.deepEqual([order[0], order.at(-1)], ['first', 'last']);
    // Fairness is close to exact, not exact: the tenant with two runs is done before the one with four.
    assert.ok(order.indexOf('b2') < order.indexOf('a4'), order.join());
    assert.ok(order.indexOf('b1') < order.indexOf('a3'), order.join());
  });

  it('is told from the command line, and tells', async () => {
    const { folder } = running();
    const flags = ['--input.steps', '2', '--input.pool', 'single', '--priority', '2', '--tenant', 'acme'];
    const end = await runCommand(folder, ['run', 'counting', ...flags, '--id', 'told']);
    assert.equal(end.code, 0, end.stderr);
    const { stdout } = await runCommand(folder, ['show', 'told']);
    assert.match(stdout, /^counting small\/told: completed after .*, priority 2, tenant acme\n/);
    const [status] = jsonLines((await runCommand(folder, ['show', 'told', '--json'])).stdout);
    assert.deepEqual([status?.['priority'], status?.['tenant']], [2, 'acme']);
    const refused = await runCommand(folder, ['run', 'counting', '--input.steps', '1', '--priority', '6']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /from 1 to 5/);
  });

  it('is yielded to a better priority that has waited for long: its work goes on later, free of budget', async () => {
    const { run: low, held } = await hold('tight', { priority: 5 });
    const high = await running().pipelines.start(counting, { input: { steps: 3, pool: 'tight' }, priority: 1 });
    assert.equal((await high.result()).sum, expectedSum(3));
    running().open(held);
    assert.equal((await low.result()).sum, expectedSum(4));
    assert.deepEqual(await story(low), [
      'attempt 1 began, and yielded its device to a run of priority 1',
      'attempt 2 resumed from checkpoint 2 of attempt 1 at step 2, and completed',
    ]);
    const listed: string[] = [];
    for await (const { workflowId } of running().pipelines.list()) listed.push(workflowId);
    assert.deepEqual(
      listed.filter((id) => id.includes(':')),
      [],
    );
  });

  it('is kept from what waits with the same priority', async () => {
    const { run, held } = await hold('tight');
    const same = await queue('tight');
    // Four times what a better one would wait.
    await until(async () => (await longestWaitMs('tight')) > 2_000);
    assert.equal((await stageOf(run))?.state, 'running');
    running().open(held);
    await Promise.all([run.result(), same.result()]);
    assert.equal((await story(run)).length, 1);
  });

  it('is yielded once for one that waits, however many workers are full', async () => {
    await running().stack.startWorker('tight');
    const lows = [await hold('tight', { priority: 4 }), await hold('tight', { priority: 4 })];
    const high = await hold('tight', { priority: 2 });
    for (const { held } of [...lows, high]) running().open(held);
    for (const { run } of [...lows, high]) await run.result();
    const attempts = await Promise.all(lows.map(async ({ run }) => (await story(run)).length));
    assert.deepEqual(attempts.sort(), [1, 2]);
  });
});

/** Waits until the stage has shown a step. */
async function reaches(run: Run, wanted: number): Promise<void> {
  for await (const { step } of run.metrics('count')) if (step === wanted) return;
}

async function stageOf(run: Run) {
  return (await run.status()).stages.find(({ stage }) => stage === 'count');
}

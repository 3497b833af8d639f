/** A run that may spend only so much: it saves what it has, waits, and goes on where somebody allows more. @module */
import assert from 'node:assert/strict';
import { runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { counting } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

/** Eight seconds of the pool with a device: a trainer has started by then. */
const limit = 8 / 3_600;

describe('a run whose budget is spent', () => {
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });

  it('stops with a checkpoint, waits for a raise, and gives the result of an unbroken run', async () => {
    const { pipelines, folder, gate, open } = running();
    const held = gate();
    const run = await pipelines.start(counting, {
      workflowId: 'poor',
      input: { steps: 5, holdAt: 4, gate: held },
      budget: { deviceHours: limit },
    });
    await until(async () => (await run.status()).budget?.exhausted === true);
    assert.equal((await run.status()).stages[1]?.state, 'waiting');
    const shown = await runCommand(folder, ['budget', 'show', 'poor', '--json']);
    const { spent, share, limits } = JSON.parse(shown.stdout) as {
      spent: { deviceHours: number };
      share: number;
      limits: object;
    };
    assert.deepEqual(limits, { deviceHours: limit });
    assert.ok(share >= 1 && Math.abs(spent.deviceHours - share * limit) < 1e-9, shown.stdout);

    const raise = (hours: number) =>
      runCommand(folder, ['budget', 'raise', 'poor', '--device-hours', String(hours), '--reason', 'it still learns']);
    const refused = await raise(limit / 2);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /deviceHours is limited to .* now, .* is no raise/);
    assert.equal((await runCommand(folder, ['budget', 'raise', 'poor', '--reason', 'none'])).code, 2);

    open(held);
    assert.equal((await raise(1)).stdout, 'raised the budget of small/poor\n');
    assert.equal((await run.result()).sum, expectedSum(5));
    const { stages, budget } = await run.status();
    assert.deepEqual(budget, { limits: { deviceHours: 1 }, exhausted: false });
    assert.deepEqual(
      stages.map(({ stage, call, attempts }) => [stage, call, attempts]),
      [
        ['prepare', 0, 1],
        ['count', 0, 2],
      ],
    );
    const tree = await runCommand(folder, ['show', 'poor']);
    assert.match(tree.stdout, /attempt 1 began, and stopped: the budget was spent/);
    assert.match(tree.stdout, /attempt 2 resumed from checkpoint 3 of attempt 1 at step 3, and completed/);
  });

  it('shares what all runs of a schedule may spend, and is let go on with the schedule', async () => {
    const { client, pipelines, folder, gate, open } = running();
    const held = gate();
    const schedule = await client.schedule.create({
      scheduleId: 'nightly',
      spec: {},
      action: pipelines.action(counting, {
        workflowId: 'nightly',
        input: { steps: 2, holdAt: 2, gate: held },
        budget: { deviceHours: limit, scope: 'nightly' },
      }),
    });
    const started = async (count: number) => {
      const { info } = await schedule.describe();
      return pipelines.get(info.recentActions[count - 1]?.action.workflow.workflowId ?? 'none yet');
    };
    await schedule.trigger();
    await until(async () => (await schedule.describe()).info.recentActions.length === 1);
    const first = await started(1);
    await until(async () => (await first.status()).budget?.exhausted === true);
    open(held);
    const args = ['budget', 'raise', '--schedule', 'nightly', '--device-hours', '1', '--reason', 'a long night'];
    const raised = await runCommand(folder, args);
    assert.equal(
      raised.stdout,
      `raised the budget of schedule nightly\nraised the budget of ${first.workflowId}\n`,
      raised.stderr,
    );
    await first.result();
    const before = await first.spent();
    await schedule.trigger();
    await until(async () => (await schedule.describe()).info.recentActions.length === 2);
    const second = await started(2);
    await second.result();
    assert.deepEqual((await second.status()).budget, { limits: { deviceHours: 1 }, scope: 'nightly' });
    const after = await second.spent();
    assert.ok(before && after && after.deviceHours > before.deviceHours && before.deviceHours > limit);
    await schedule.delete();
  });

  it('is not limited by stages whose pool costs nothing', async () => {
    const run = await running().pipelines.start(counting, { input: { steps: 1 }, budget: { cost: 0.001 } });
    assert.equal((await run.result()).sum, expectedSum(1));
    assert.deepEqual(await run.spent(), { deviceHours: 0, cost: 0 });
  });

  it('says that a run without a budget has none', async () => {
    const { pipelines, folder } = running();
    const run = await pipelines.start(counting, { workflowId: 'rich', input: { steps: 1 } });
    await run.result();
    const shown = await runCommand(folder, ['budget', 'show', 'rich']);
    assert.equal(shown.code, 1);
    assert.match(shown.stderr, /small\/rich has no budget/);
  });
});

/** Temporal's own commands on a stage that runs: `temporal activity pause`, `unpause`, `reset` and `update-options`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { attemptStory } from '../../src/client/attempt-story.js';
import type { Run } from '../../src/client/run.js';
import type { PipelineOutput } from '../../src/contracts/define-pipeline.js';
import { locateEngine } from '../../src/engine/locate.js';
import { readAttemptLog } from '../../src/records/attempt-log.js';
import { runCommand } from '../support/cli.js';
import { processesNaming } from '../support/processes.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { counting } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

type CountingRun = Run<PipelineOutput<typeof counting>>;

describe("temporal's activity commands", function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines', 'cpu', 'single', 'gpu'] });
  let temporal: (command: string, run: Run, ...flags: string[]) => Promise<unknown>;
  before(async function () {
    const engine = await locateEngine();
    if (engine.kind !== 'binary') return this.skip(); // an external server: its commands may not be at hand
    const { address } = running().engine;
    temporal = async (command, run, ...flags) => {
      const { activityId } = (await stageOf(run))!;
      const target = ['--workflow-id', run.workflowId, '--activity-id', activityId];
      const where = ['--address', address, '--namespace', running().engine.namespace];
      return promisify(execFile)(engine.path, ['activity', command, ...target, ...where, ...flags]);
    };
  });

  const stageOf = async (run: Run) => (await run.status()).stages.find(({ stage }) => stage === 'count');
  const untilState = (run: Run, state: string) => until(async () => (await stageOf(run))?.state === state);
  /** Holds at its third step until the gate opens. */
  const hold = async (workflowId: string) => {
    const { pipelines, gate } = running();
    const held = gate();
    const input = { steps: 4, holdAt: 3, gate: held, pool: 'single' };
    const run = await pipelines.start(counting, { workflowId, input });
    for await (const { step } of run.metrics('count')) if (step === 2) break;
    return { run, held };
  };
  const attemptsOf = async (run: Run) => {
    const { stageKey, log } = (await stageOf(run))!;
    return readAttemptLog(running().store, stageKey!, log);
  };
  /** What `update-options --task-queue` means to do: CLI 1.5.1 names the field in a way that server 1.29.1 passes over. */
  const move = async (run: Run, pool: string) => {
    const { client } = running();
    await client.workflowService.updateActivityOptions({
      namespace: client.options.namespace,
      execution: { workflowId: run.workflowId },
      id: (await stageOf(run))!.activityId,
      activityOptions: { taskQueue: { name: `small/${pool}` } },
      updateMask: { paths: ['task_queue.name'] },
    });
  };
  const ended = async (run: CountingRun, held: string) => {
    running().open(held);
    assert.equal((await run.result()).sum, expectedSum(4));
    return attemptStory(await attemptsOf(run));
  };

  it('pause a stage after a checkpoint, with its slot free for others, and let it go on from there', async () => {
    const { pipelines, folder } = running();
    const { run, held } = await hold('paused');
    await temporal('pause', run);
    await untilState(run, 'paused');
    const trainers = processesNaming(folder).filter(({ command }) => command.includes('count-trainer'));
    assert.deepEqual(trainers, []);
    const other = await pipelines.start(counting, { input: { steps: 2, pool: 'single' } });
    await other.result();
    const { stdout } = await runCommand(folder, ['show', 'paused']);
    assert.match(stdout, /count on single: paused, .*\n {6}attempt 1 began, and was paused\n/);
    await temporal('unpause', run);
    await untilState(run, 'running');
    assert.deepEqual(await ended(run, held), [
      'attempt 1 began, and was paused',
      'attempt 2 resumed from checkpoint 2 of attempt 1 at step 2, and completed',
    ]);
  });

  it('pause as often as one likes: that is no failure', async () => {
    const { run, held } = await hold('often');
    for (let times = 1; times <= 4; times++) {
      await temporal('pause', run);
      await untilState(run, 'paused');
      await temporal('unpause', run);
      await until(async () => (await attemptsOf(run)).length === times + 1);
    }
    assert.equal((await ended(run, held)).length, 5);
  });

  it('reset a stage: its next attempt goes on from the checkpoint, and has the next number', async () => {
    const { run, held } = await hold('reset');
    await temporal('reset', run);
    await until(async () => (await attemptsOf(run)).length === 2);
    assert.deepEqual(await ended(run, held), [
      'attempt 1 began, and was reset',
      'attempt 2 resumed from checkpoint 2 of attempt 1 at step 2, and completed',
    ]);
  });

  it('give a stage that runs longer limits', async () => {
    const { run, held } = await hold('longer');
    await temporal('update-options', run, '--start-to-close-timeout', '100h', '--heartbeat-timeout', '20s');
    assert.deepEqual(await ended(run, held), ['attempt 1 began, and completed']);
  });

  it('send a stage to another pool: at once while it waits, with its next attempt while it runs', async () => {
    const { pipelines } = running();
    const { run, held } = await hold('moved');
    const waiting = await pipelines.start(counting, { input: { steps: 3, pool: 'single' } });
    await untilState(waiting, 'waiting');
    await move(waiting, 'gpu');
    await waiting.result();
    await move(run, 'gpu');
    await temporal('reset', run);
    await until(async () => (await attemptsOf(run)).length === 2);
    await until(async () => (await stageOf(run))?.pool === 'gpu');
    const workers = (await attemptsOf(run)).map(({ events: [start] }) => start?.event === 'start' && start.worker);
    assert.match(String(workers[0]), /small\/single$/);
    assert.match(String(workers[1]), /small\/gpu$/);
    assert.equal((await ended(run, held)).length, 2);
  });
});

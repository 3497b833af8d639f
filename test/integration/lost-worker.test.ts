/** Workers that are killed and workers that are asked to go, in the middle of a stage. @module */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { runCommand } from '../support/cli.js';
import { isGone, processesNaming } from '../support/processes.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import type { Run } from '../../src/client/run.js';
import type { StackProcess } from '../../src/cli/local-stack.js';
import { counting } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

describe('a gpu worker in the middle of a run', () => {
  const running = useProject({ pools: ['pipelines', 'cpu'] });
  let gpu: StackProcess;
  beforeEach(async () => {
    gpu = await running().stack.startWorker('gpu');
  });
  afterEach(async () => {
    // The next test knows which worker has its run.
    for (const { name, child } of running().stack.processes) if (name === 'gpu') child.kill('SIGKILL');
    await until(() => running().stack.processes.every(({ name, child }) => name !== 'gpu' || isGone(child.pid)));
  });

  it('killed with -9 takes its trainer along, and another one ends the run with the same bytes', async () => {
    const { pipelines, stack, folder, gate, open } = running();
    const held = gate();
    const input = { steps: 6, holdAt: 4, gate: held, heartbeatSeconds: 3 };
    const run = await pipelines.start(counting, { workflowId: 'killed', input });
    await reaches(run, 3);
    const [trainer] = trainersOf(gpu);
    gpu.child.kill('SIGKILL');
    await until(() => isGone(gpu.child.pid) && isGone(trainer));
    open(held);
    await stack.startWorker('gpu');
    const output = await run.result();

    const unbroken = await pipelines.start(counting, { input: { steps: 6 } });
    assert.deepEqual(output, await unbroken.result());
    assert.equal(output.sum, expectedSum(6));
    const { stdout } = await runCommand(folder, ['show', 'killed']);
    assert.match(stdout, /└─ count on gpu: completed, 2 attempts/);
    assert.match(stdout, /attempt 1 began, and lost its worker( at step \d)?\n/);
    // The point of step 3 is readable a moment before its checkpoint is, which is stored behind the training.
    assert.match(
      stdout,
      /attempt 2 resumed from checkpoint [123] of attempt 1 at step \d(, \d steps? repeated)?, and completed\n/,
    );
    const steps: number[] = [];
    for await (const { step } of run.metrics('count')) steps.push(step);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  });

  it('asked to go hands its run over at once: the heartbeat timeout of ten minutes is not waited for', async () => {
    const { pipelines, stack, folder, gate, open } = running();
    const held = gate();
    const run = await pipelines.start(counting, { workflowId: 'drained', input: { steps: 5, holdAt: 3, gate: held } });
    await reaches(run, 2);
    await stack.startWorker('gpu');
    gpu.child.kill('SIGTERM');
    assert.deepEqual(await once(gpu.child, 'exit'), [0, null]);
    open(held);
    assert.equal((await run.result()).sum, expectedSum(5));
    const { stdout } = await runCommand(folder, ['show', 'drained']);
    assert.match(stdout, /attempt 1 began, and was drained\n/);
    assert.match(
      stdout,
      /attempt 2 resumed from checkpoint 2 of attempt 1 at step \d(, \d steps? repeated)?, and completed\n/,
    );
  });

  it('asked a second time goes without waiting for its trainer, and takes it along', async () => {
    const { pipelines, gate } = running();
    const input = { steps: 3, holdAt: 2, gate: gate(), deaf: true };
    const run = await pipelines.start(counting, { input });
    await reaches(run, 1);
    const [trainer] = trainersOf(gpu);
    const { length: earlier } = await logOf(gpu); // of the workers before it: signals sent too close arrive as one
    gpu.child.kill('SIGTERM');
    await until(async () => (await logOf(gpu)).slice(earlier).includes('draining'));
    assert.equal(gpu.child.exitCode, null);
    const exited = once(gpu.child, 'exit');
    gpu.child.kill('SIGTERM');
    assert.deepEqual(await exited, [143, null]);
    await until(() => isGone(trainer));
    await run.workflow.terminate();
  });
});

/** Waits until the stage has shown a step. */
async function reaches(run: Run, wanted: number): Promise<void> {
  for await (const { step } of run.metrics('count')) if (step === wanted) return;
}

/** Trainers that are children of a worker. */
function trainersOf({ child }: StackProcess): number[] {
  const trainers = processesNaming('count-trainer').filter(({ parent }) => parent === child.pid);
  assert.equal(trainers.length, 1);
  return trainers.map(({ pid }) => pid);
}

function logOf({ log }: StackProcess): Promise<string> {
  return readFile(log, 'utf8');
}

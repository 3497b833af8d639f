/** `trainyard chaos` on a run of one's own. @module */
import assert from 'node:assert/strict';
import { jsonLines, type RunningCommand, runCommand, startCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { counting } from '../integration/project/contracts.js';
import { expectedSum } from '../integration/project/expected-sum.js';

describe('trainyard chaos', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });

  /** A run that is held at its fourth step while it is broken. */
  async function breakOne(kill: 'worker' | 'trainer' | 'engine', meanwhile: (chaos: RunningCommand) => Promise<void>) {
    const { folder, pipelines, gate, open } = running();
    const held = gate();
    const input = { steps: 6, holdAt: 4, gate: held, heartbeatSeconds: 3 };
    const run = await pipelines.start(counting, { workflowId: `broken-${kill}`, input });
    for await (const { step } of run.metrics('count')) if (step === 3) break;
    const args = ['chaos', `broken-${kill}`, '--kill', kill, '--every', '1s', '--times', '1', '--seed', '7'];
    const chaos = startCommand(folder, args);
    await chaos.says(/^kill -9 of /m);
    await meanwhile(chaos);
    await chaos.says(/^ {2}\S/m);
    open(held);
    assert.equal((await run.result()).sum, expectedSum(6));
    return chaos.ended;
  }

  it('kills a worker, and tells which attempt followed', async () => {
    const { stack } = running();
    const { code, stdout, stderr } = await breakOne('worker', async () => {
      await until(() => stack.processes.some(({ name, child }) => name === 'gpu' && child.signalCode === 'SIGKILL'));
      await stack.startWorker('gpu');
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^kill -9 of worker \d+ of pool gpu, in count, attempt 1 at \d steps$/m);
    assert.match(stdout, /^ {2}attempt 1 began, .*lost its worker.*; attempt 2 resumed .*has not ended$/m);
    assert.match(stdout, /^1 kills \(seed 7\): small\/broken-worker is \w+, 3 attempts of 2 stages/m);
  });

  it('kills a trainer and leaves its worker alone', async () => {
    const { stack } = running();
    const living = () => stack.processes.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    const before = living().length;
    const { stdout } = await breakOne('trainer', () => Promise.resolve());
    assert.match(stdout, /^kill -9 of trainer \d+ of stage count, in count, attempt 1 at \d steps$/m);
    assert.match(stdout, /^ {2}attempt 1 began, .*SIGKILL.*; attempt 2 resumed /m);
    assert.equal(living().length, before);
  });

  it('kills the engine and starts it again', async () => {
    const { stdout, stderr, code } = await breakOne('engine', () => Promise.resolve());
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^kill -9 of engine at 127\.0\.0\.1:\d+, in count, attempt 1 at \d steps$/m);
    assert.match(stdout, /^ {2}the engine is back: attempt 1 began/m);
  });

  it('refuses a run that is over', async () => {
    const { folder } = running();
    const { code, stderr } = await runCommand(folder, ['chaos', 'broken-worker', '--kill', 'worker', '--json']);
    assert.equal(code, 1);
    assert.match(stderr, /small\/broken-worker is completed: there is nothing to kill\. .*\[TY1930\]/);
  });

  it('says each kill and the end as a line of JSON', async () => {
    const { folder, pipelines, gate, open } = running();
    const held = gate();
    const run = await pipelines.start(counting, { workflowId: 'told', input: { steps: 3, holdAt: 2, gate: held } });
    const args = ['chaos', 'told', '--kill', 'trainer', '--every', '1s', '--times', '1', '--json'];
    const chaos = startCommand(folder, args);
    await chaos.says(/"type":"next"/);
    open(held);
    const lines = jsonLines((await chaos.ended).stdout);
    assert.deepEqual(
      lines.map(({ type }) => type),
      ['kill', 'next', 'summary'],
    );
    await run.result();
  });
});

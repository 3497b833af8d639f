/** Deciding, watching and finding runs from the command line; interrupting what watches them. @module */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { startLocalStack } from '../../src/cli/local-stack.js';
import { releasing, counting } from '../integration/project/contracts.js';
import { jsonLines, runCommand, startCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

describe('the command line of runs', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });

  const decide = (verb: 'approve' | 'reject', id: string) =>
    runCommand(running().folder, [verb, 'release', '--run', id, '--reason', 'read', '--by', 'ada']);

  async function asking(workflowId: string) {
    const run = await running().pipelines.start(releasing, { workflowId, input: { auc: 0.9 } });
    await until(async () => (await run.status()).approvals.length === 1);
    return run;
  }

  it('shows what a run asks for, and ends with 0 once it is approved', async () => {
    const watching = startCommand(running().folder, ['run', 'releasing', '--input.auc', '0.9', '--id', 'asks']);
    await watching.says(/waits for the approval "release" until .*: \{"auc":0\.9\}/);
    assert.deepEqual(await decide('approve', 'asks').then(({ code, stdout }) => [code, stdout]), [
      0,
      'approved "release" of small/asks as ada\n',
    ]);
    const end = await watching.ended;
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stdout, /"outcome": "deployed",\n {2}"by": "ada"/);
  });

  it('ends with 3 when a run is rejected, found by the beginning of its id', async () => {
    const run = await asking('declined-2');
    // The beginning of an id is looked up in Temporal's visibility, which lags behind.
    await until(async () => (await running().pipelines.find('declined')).workflowId === run.workflowId);
    assert.equal((await decide('reject', 'declined')).code, 0);
    const end = await runCommand(running().folder, ['watch', 'declined', '--json']);
    assert.equal(end.code, 3);
    assert.deepEqual(jsonLines(end.stdout).at(-1)?.['output'], { outcome: 'rejected', by: 'ada' });
  });

  it('refuses a decision on what a run does not ask for, and leaves the run waiting', async () => {
    const { folder } = running();
    const run = await asking('open');
    const wrong = await runCommand(folder, ['approve', 'promotion', '--run', 'open', '--reason', 'x']);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /small\/open does not wait for "promotion"; it waits for: release\. .*\[TY1905\]\n$/);
    assert.equal((await run.status()).state, 'running');
    await run.workflow.terminate();
    assert.match((await decide('approve', 'open')).stderr, /it waits for: nothing/);
  });

  it('says that there is no such run, whatever is asked of it', async () => {
    const { folder } = running();
    for (const args of [
      ['watch', 'nobody'],
      ['show', 'nobody'],
      ['cancel', 'nobody'],
      ['approve', 'release', '--run', 'nobody', '--reason', 'x'],
    ]) {
      const { code, stdout, stderr } = await runCommand(folder, args);
      assert.match(stderr, /^there is no run small\/nobody\. List the runs with `trainyard show`\. \[TY1902\]\n$/);
      assert.deepEqual([code, stdout], [2, '']);
    }
  });

  it('refuses to start an id that is open', async () => {
    const run = await asking('taken');
    const { code, stderr } = await runCommand(running().folder, [
      'run',
      'releasing',
      '--input.auc',
      '1',
      '--id',
      'taken',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /a run small\/taken is open already.*trainyard watch.*\[TY1903\]/);
    await run.workflow.terminate();
  });

  const interruptions = [
    ['a stage in the worker', { prepare: true }, /prepare on cpu: running/],
    ['a stage in a trainer', { train: true }, /count: step 1/],
  ] as const;
  for (const [where, at, words] of interruptions)
    it(`is interrupted in ${where}: it says how to go on, and the run goes on`, async () => {
      const { folder, pipelines, gate, open } = running();
      const held = gate();
      const input = { steps: 3, ...('prepare' in at ? { prepareGate: held } : { holdAt: 2, gate: held }) };
      const id = `interrupted-${'prepare' in at ? 'cpu' : 'gpu'}`;
      const watching = startCommand(folder, ['run', 'counting', '--id', id, '--input', JSON.stringify(input)]);
      await watching.says(words);
      watching.child.kill('SIGINT');
      const { code, stdout } = await watching.ended;
      assert.equal(code, 130);
      assert.ok(
        stdout.endsWith(`the run goes on: trainyard watch small/${id}, or trainyard cancel small/${id}\n`),
        stdout,
      );
      open(held);
      const run = pipelines.get<{ sum: number }>(id);
      assert.equal(typeof (await run.result()).sum, 'number');
    });

  it('is interrupted while it waits for a person likewise', async () => {
    const run = await asking('patient');
    const watching = startCommand(running().folder, ['watch', 'patient', '--json']);
    await watching.says(/"type":"approval"/);
    watching.child.kill('SIGINT');
    const { code, stdout } = await watching.ended;
    assert.equal(code, 130);
    assert.deepEqual(jsonLines(stdout).at(-1), { type: 'result', workflowId: 'small/patient', state: 'detached' });
    assert.equal((await run.status()).state, 'running');
    await run.workflow.terminate();
  });

  it('says which server does not answer', async () => {
    const address = await closedPort();
    for (const args of [
      ['run', 'releasing', '--input.auc', '1'],
      ['worker', '--pool', 'cpu'],
    ]) {
      const { code, stdout, stderr } = await runCommand(running().folder, args, { TEMPORAL_ADDRESS: address });
      assert.match(stderr, new RegExp(`the Temporal server at ${address} does not answer: .*\\[TY1808\\]\\n$`, 's'));
      assert.deepEqual([code, stdout], [1, '']);
    }
  });

  it('serves two stacks at once on one project', async () => {
    const { folder, pipelines, project, engine } = running();
    const second = await startLocalStack({
      project,
      configFolder: folder,
      engine,
      pools: ['pipelines', 'cpu', 'gpu'],
      serve: false,
    });
    try {
      const runs = [1, 2, 3, 4].map((seed) =>
        pipelines.start(counting, { workflowId: `both-${seed}`, input: { seed, steps: 2 } }),
      );
      const outputs = await Promise.race([
        Promise.all((await Promise.all(runs)).map((run) => run.result())),
        second.broken,
      ]);
      assert.equal(new Set(outputs.map(({ sum }) => sum)).size, 4);
    } finally {
      await second.stop();
    }
  });
});

/** An address where nothing listens. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return `127.0.0.1:${port}`;
}

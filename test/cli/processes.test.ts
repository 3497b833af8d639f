/** Commands that stay up: workers, the engine, the model server. Their ports, their signals, and that nothing is left of them. @module */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { stopEngine } from '../../src/engine/start.js';
import { processesNaming } from '../support/processes.js';
import { runCommand, startCommand, startScript } from '../support/cli.js';
import { useProjectFolder } from '../support/project.js';
import { until } from '../support/until.js';

const up = /"msg":"worker of pool cpu is up"/;

describe('commands that stay up', function () {
  this.timeout(120_000);
  const project = useProjectFolder();
  const nothingRuns = () => until(() => processesNaming(project().folder).length === 0);
  let taken: Server;
  let port: number;
  before(async () => {
    taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(taken, 'listening');
    ({ port } = taken.address() as AddressInfo);
  });
  after(() => {
    taken.close();
  });
  afterEach(async () => {
    // A test that failed must not fail the next one.
    await stopEngine({ projectFolder: project().folder, force: true });
  });

  it('say which port is in use, and leave nothing running', async () => {
    const { folder } = project();
    for (const [args, words] of [
      [['worker', '--pool', 'cpu', '--port', String(port)], /the health port \d+ cannot be used: .*EADDRINUSE.*TY1111/],
      [['serve', '--port', String(port)], /.*in use.*\[TY1703\]/],
      [['engine', 'start', '--port', String(port)], /cannot listen on port \d+: another process does\. .*\[TY1803\]/],
      [
        ['engine', 'start', '--ui-port', String(port)],
        /cannot listen on port \d+: another process does\. .*\[TY1803\]/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(folder, args);
      assert.match(stderr, words);
      assert.ok(stderr.includes(String(port)), stderr);
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      await nothingRuns();
    }
  });

  it('a worker answers for its health and counts its attempts; a signal ends it, and the engine that only it used', async () => {
    const { folder } = project();
    const worker = startCommand(folder, ['worker', '--pool', 'cpu']);
    await worker.says(up);
    const [, healthPort] = /"healthPort":(\d+)/.exec(worker.written()) ?? [];
    const get = (path: string) => fetch(`http://127.0.0.1:${healthPort ?? ''}${path}`);
    assert.equal((await get('/health/live')).status, 200);
    await until(async () => (await get('/health/ready')).status === 200);
    assert.match(await (await get('/metrics')).text(), /# TYPE trainyard_attempts_total counter/);
    assert.equal((await get('/health')).status, 404);
    worker.child.kill('SIGTERM');
    assert.equal((await worker.ended).code, 0);
    await nothingRuns();
  });

  it('a run that nobody serves is left by Ctrl-C with nothing running, and goes on with the next worker', async () => {
    const { folder } = project();
    const run = ['run', 'releasing', '--id', 'later', '--input.auc', '1'];
    const watching = startCommand(folder, run);
    await watching.says(/releasing small\/later: running/);
    watching.child.kill('SIGINT');
    assert.equal((await watching.ended).code, 130);
    await nothingRuns();
    const worker = startCommand(folder, ['worker', '--pool', 'pipelines']);
    const again = startCommand(folder, ['watch', 'later']);
    await again.says(/waits for the approval "release"/);
    again.child.kill('SIGINT');
    await again.ended;
    worker.child.kill('SIGINT');
    assert.equal((await worker.ended).code, 0);
    await nothingRuns();
  });

  it('an engine is started, found, used and stopped by hand', async () => {
    const { folder } = project();
    const engine = (...args: string[]) => runCommand(folder, ['engine', ...args]);
    assert.match((await engine('status')).stdout, /^stopped; data in .*\.trainyard\/engine\n$/);
    assert.deepEqual((await engine('stop')).stdout, 'no server was running\n');
    const started = await engine('start');
    assert.match(
      started.stdout,
      /^started.*\naddress 127\.0\.0\.1:\d+, namespace small, UI http:\/\/127\.0\.0\.1:\d+\n/,
    );
    const status = JSON.parse((await engine('status', '--json')).stdout) as Record<string, unknown>;
    assert.deepEqual([status['state'], status['kept'], status['users']], ['running', true, 0]);
    assert.match((await engine('check')).stdout, /^✓ /);
    const path = await engine('path');
    assert.match(path.stdout, /temporal\S*\n$/);
    assert.equal((await runCommand(folder, ['show'])).code, 0);
    assert.match((await engine('status')).stdout, /^running at /);

    const worker = startCommand(folder, ['worker', '--pool', 'cpu']);
    await worker.says(up);
    const refused = await engine('stop');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /in use by 1 running command\. .*--force.*\[TY1807\]/);
    worker.child.kill('SIGTERM');
    await worker.ended;
    assert.equal((await engine('stop')).stdout, 'stopped\n');
    await nothingRuns();
  });

  const stackScript = fileURLToPath(new URL('./stack-process.js', import.meta.url));
  for (const signal of ['SIGINT', 'SIGKILL'] as const)
    it(`a local stack ends as a whole when its owner gets ${signal}`, async () => {
      const { folder } = project();
      const stack = startScript(folder, stackScript, []);
      await stack.says(/serves: .*http/);
      const trainers = () => processesNaming(folder).filter(({ command }) => command.includes('count-trainer'));
      await until(() => trainers().length === 1);
      stack.child.kill(signal);
      await stack.ended;
      // After SIGKILL the engine is the only one left: it belongs to whoever comes next.
      await until(() =>
        processesNaming(folder).every(({ command }) => signal === 'SIGKILL' && /start-dev/.test(command)),
      );
      await runCommand(folder, ['engine', 'stop']);
      await nothingRuns();
    });
});

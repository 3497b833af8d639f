/** An engine that dies in the middle of a run and comes back. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { engineStatus } from '../../src/engine/start.js';
import { jsonLines, runCommand, startCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { expectedSum } from './project/expected-sum.js';

describe('an engine killed with -9 in the middle of a run', () => {
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });

  it('is waited for by whoever watches, and the run goes on when it is back', async () => {
    const { folder, gate, open } = running();
    const held = gate();
    const input = JSON.stringify({ steps: 4, holdAt: 3, gate: held });
    const watching = startCommand(folder, ['run', 'counting', '--id', 'survivor', '--input', input, '--json']);
    await watching.says(/"type":"metrics".*"step":2/);
    const status = await engineStatus({ projectFolder: folder });
    assert.ok(status.state === 'running');
    for (const pid of status.server.pids) process.kill(pid, 'SIGKILL');
    await watching.says(/"note":"the Temporal server does not answer: the run goes on when it is back"/);

    const started = await runCommand(folder, ['engine', 'start']);
    assert.equal(started.code, 0, started.stderr);
    assert.ok(started.stdout.includes(`address ${status.server.address}, namespace small`), started.stdout);
    open(held);
    const end = await watching.ended;
    assert.equal(end.code, 0, end.stderr);
    const { output } = jsonLines(end.stdout).at(-1) as { output: { sum: number } };
    assert.equal(output.sum, expectedSum(4));
    // What the workers said meanwhile, Temporal's native part included, are lines of JSON.
    for (const { log } of running().stack.processes) assert.ok(jsonLines(readFileSync(log, 'utf8')).length > 0);
    assert.equal((await runCommand(folder, ['engine', 'stop', '--force'])).stdout, 'stopped\n');
  });
});

/** A stage in this terminal, without an engine. @module */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expectedSum } from '../integration/project/expected-sum.js';
import { runCommand, startCommand } from '../support/cli.js';
import { useProjectFolder } from '../support/project.js';

describe('trainyard stage run', function () {
  this.timeout(120_000);
  const project = useProjectFolder();
  const stage = (name: string, input: object, ...more: string[]) => [
    ...['stage', 'run', name, '--input', JSON.stringify(input)],
    ...more,
  ];

  it('gives the output of a handler as JSON, and starts no engine', async () => {
    const { folder } = project();
    const { code, stdout, stderr } = await runCommand(folder, stage('prepare', { seed: 7 }));
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { seed: 7 });
    assert.ok(!existsSync(join(folder, '.trainyard', 'engine')));
  });

  it('is stopped by Ctrl-C with its trainer, and resumes from the newest checkpoint', async () => {
    const { folder, gate, open } = project();
    const held = gate();
    const command = stage('count', { steps: 4, holdAt: 3, gate: held }, '--resume', 'try-1');
    const first = startCommand(folder, command);
    await first.says(/2 of 4 steps/);
    first.child.kill('SIGINT');
    assert.equal((await first.ended).code, 130);
    open(held);
    const { code, stdout, stderr } = await runCommand(folder, command);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /attempt 2\n$/);
    assert.equal((JSON.parse(stdout) as { sum: number }).sum, expectedSum(4));
  });

  it('fails with the class and the sentence of the failure', async () => {
    const { code, stdout, stderr } = await runCommand(project().folder, stage('broken', {}));
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^\nContractViolation: stage broken: output\.auc: .*got "high"\..*\[TY1004\]\n$/);
  });
});

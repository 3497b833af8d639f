/** tools/engine/postgres.sh, without starting anything: the faults do that. @module */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../tools/engine/postgres.sh', import.meta.url));

describe('tools/engine/postgres.sh', () => {
  it('is valid bash', async () => {
    await run('bash', ['-n', script]);
  });

  it('explains every option that it takes', async () => {
    const { stdout } = await run(script, ['--help']);
    for (const option of ['--folder', '--port', '--namespace', '--check']) assert.match(stdout, new RegExp(option));
  });

  for (const [mistake, args] of [
    ['unknown argument --prot', ['--prot', '7233']],
    ['--port must be a number up to 65527, not 70000', ['--port', '70000']],
    ['--namespace must be a name', ['--namespace', 'a b']],
    ['--folder needs a value', ['--folder']],
  ] as const)
    it(`says "${mistake}"`, async () => {
      await assert.rejects(run(script, [...args]), (error: Error & { readonly stderr?: string }) => {
        assert(error.stderr?.startsWith(`postgres.sh: ${mistake}`), error.stderr);
        return true;
      });
    });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonWith } from '../support/python.js';
import { fixtures, serveFixtures } from './support.js';

const run = promisify(execFile);
describe('tritonclient[http] of PyPI', () => {
  it('finds health, metadata, every datatype, both forms of tensors, versions and errors as it expects them', async function () {
    const python = await pythonWith(this, 'tritonclient-2.73.0', ['tritonclient[http]==2.73.0', 'numpy<3']);
    const { address } = await serveFixtures(['tabular-1', 'echo']);
    const script = fileURLToPath(new URL('../ask_with_tritonclient.py', fixtures));
    const { stdout } = await run(python, [
      script,
      new URL(address).host,
      fileURLToPath(new URL('expected.json', fixtures)),
    ]);
    assert.equal(stdout.trim(), 'OK');
  });
});

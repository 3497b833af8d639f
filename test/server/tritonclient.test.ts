import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fixtures, serveFixtures } from './support.js';

const run = promisify(execFile);
const packages = ['tritonclient[http]==2.73.0', 'numpy<3'];

/** A venv with the client, made once for a user and kept in the cache folder. Undefined where there is no Python. */
async function pythonWithClient(): Promise<string | undefined> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trainyard');
  const venv = join(cache, 'tritonclient-2.73.0');
  const python = join(venv, 'bin', 'python');
  const there = await access(python).then(
    () => true,
    () => false,
  );
  if (there) return python;
  if (
    !(await run('python3', ['-c', 'import venv, ensurepip']).then(
      () => true,
      () => false,
    ))
  )
    return undefined;
  await mkdir(cache, { recursive: true });
  const fresh = `${venv}-${process.pid}`;
  try {
    await run('python3', ['-m', 'venv', '--copies', fresh]);
    await run(join(fresh, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
    // Renamed when it is whole; two test runs at once make it twice, and the first one stays.
    await rename(fresh, venv).catch(() => rm(fresh, { recursive: true }));
    return python;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

describe('tritonclient[http] of PyPI', function () {
  this.timeout(240_000);

  it('finds health, metadata, every datatype, both forms of tensors, versions and errors as it expects them', async function () {
    const python = await pythonWithClient();
    if (python === undefined) {
      console.log('      skipped: no python3 with venv on this machine');
      this.skip();
    }
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

/** Python packages that tests compare with: a virtual environment each, made once for a user. @module */
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const succeeds = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

/**
 * The interpreter of the environment `name` with `packages` of PyPI, in the user's cache folder. Skips the test, and says so,
 * where there is no Python that can make one.
 */
export async function pythonWith(test: Mocha.Context, name: string, packages: readonly string[]): Promise<string> {
  test.timeout(240_000);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trainyard');
  const venv = join(cache, name);
  const python = join(venv, 'bin', 'python');
  if (await succeeds(access(python))) return python;
  if (!(await succeeds(run('python3', ['-c', 'import venv, ensurepip'])))) {
    console.log('      skipped: no python3 with venv on this machine');
    return test.skip();
  }
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

/** Runs the script with ONNX's own checker over model files; throws what it says. */
export async function checkWithOnnx(test: Mocha.Context, files: readonly string[]): Promise<void> {
  const python = await pythonWith(test, 'onnx-1.23.2', ['onnx==1.23.2']);
  await run(python, ['test/onnx/check-model.py', ...files]);
}

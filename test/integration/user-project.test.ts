/** A project of its own, as a user has it: installed from the packed package, compiled, and run by the installed command. @module */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

const Result = z.object({
  type: z.literal('result'),
  state: z.literal('completed'),
  output: z.object({ outcome: z.literal('accepted'), accuracy: z.number(), temperature: z.number() }),
});

describe('a project that uses the package', function () {
  this.timeout(300_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-user-project-'));
    await cp(join(repository, 'test/user-project'), folder, { recursive: true });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: repository });
    const [packed = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    await rename(join(folder, packed), join(folder, 'trainyard.tgz'));
    await npm('install', '--prefer-offline', '--no-audit', '--no-fund');
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('compiles under NodeNext resolution, refuses what its contracts exclude, and finds no error in our declarations', () =>
    npm('run', 'build'));

  it('compiles under Bundler resolution', () => npm('run', 'check:bundler'));

  it('runs its pipeline through stages of ours, a training loop and a Python script of its own', async () => {
    const workers = ['pipelines', 'cpu', 'gpu'].map((pool) => startWorker(pool));
    try {
      const source = join(folder, 'penguins.csv');
      const { stdout } = await trainyard('run', 'penguins', '--input.source', source, '--json');
      const { output } = Result.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
      assert.ok(output.accuracy >= 0.9, `accuracy ${output.accuracy}`);
      assert.notEqual(output.temperature, 1);
    } finally {
      await Promise.all(workers.map(stop));
    }
  });

  it('leaves no server running', async () => {
    const { stdout } = await trainyard('engine', 'status', '--json');
    assert.equal(z.object({ state: z.string() }).parse(JSON.parse(stdout)).state, 'stopped');
  });

  function trainyard(...args: readonly string[]) {
    return inFolder('npx', ['--no-install', 'trainyard', ...args]);
  }

  function npm(...args: readonly string[]) {
    return inFolder('npm', args);
  }

  /** Rejects with everything that the command said. */
  async function inFolder(command: string, args: readonly string[]) {
    try {
      return await run(command, args, { cwd: folder, env: environment() });
    } catch (error) {
      const { stdout, stderr } = z.object({ stdout: z.string(), stderr: z.string() }).parse(error);
      throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** It drains when its standard input closes, also should this process die. npx forwards no signals. */
  function startWorker(pool: string): ChildProcess {
    const args = ['--no-install', 'trainyard', 'worker', '--pool', pool, '--exit-with-parent'];
    return spawn('npx', args, { cwd: folder, env: environment(), stdio: ['pipe', 'ignore', 'ignore'] });
  }
});

/** Of what the npm that runs these tests has set, only where packages come from: the rest is about this repository. */
const kept = /^npm_config_(registry|cache|userconfig|globalconfig|cafile|.*proxy)$/i;

function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name));
  return Object.fromEntries(entries);
}

async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const ended = once(worker, 'exit');
  worker.stdin?.end();
  await ended;
}

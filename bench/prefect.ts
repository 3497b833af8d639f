/** A trivial stage against a trivial task of Prefect, in a chain and a hundred at once, each on a server of its own. @module */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { engineCache } from '../src/engine/locate.js';
import { cpuMsOfTree } from './cpu-time.js';
import { freePort } from './free-port.js';
import { inPairs, type Measurement, timed } from './measurement.js';
import { ones } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../bench/peers/prefect_tasks.py', import.meta.url));
/** FastAPI 0.120 and later break Prefect 3's server. */
const packages = ['prefect', 'fastapi<0.120'];

/** What is run, and how often. A hundred tasks at once on a worker of Prefect took 80 s: nobody wants to wait for that. */
const loads = [
  { title: 'stage in a chain', flow: 'chain', stages: 10, atOnce: false, rounds: 7 },
  { title: 'stage of 100 at once', flow: 'at-once', stages: 100, atOnce: true, rounds: 7 },
  { title: 'stage in a chain, tasks on a worker', flow: 'chain-on-worker', stages: 10, atOnce: false, rounds: 3 },
] as const;

/** Prefect as it runs, with a flow's process that waits for its next flow. */
interface Prefect {
  readonly version: string;
  /** Milliseconds that a flow of so many tasks takes. */
  run(flow: string, tasks: number): Promise<number>;
}

/**
 * Milliseconds for a stage and for a task, run and flow run around them included: 1/5 in a chain and 1/3 at once are the bars. Prefect runs
 * tasks in the flow's own process, unless it is told to leave them to a worker, where our stages always are.
 */
export function benchPrefect(): Promise<Measurement[]> {
  return withPrefect((prefect) => withStack(['pipelines', 'cpu'], (stack) => measure(stack, prefect)));
}

async function measure({ pipelines }: BenchStack, prefect: Prefect): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const { title, flow, stages, atOnce, rounds } of loads) {
    const ours = async () =>
      (await timed(async () => (await pipelines.start(ones, { input: { stages, atOnce } })).result())) / stages;
    const peer = async () => (await prefect.run(flow, stages)) / stages;
    for (let warm = 0; warm < 3; warm++) {
      await ours();
      await peer();
    }
    const pairs = await inPairs(rounds, ours, peer);
    const name = `${title} (peer: Prefect ${prefect.version})`;
    results.push({ name, value: pairs.ours, unit: 'ms', peer: pairs.peer, ratio: pairs.ratio });
  }
  return results;
}

/** A server with a folder of its own on a free port, and a process that runs flows; both are gone afterwards. */
async function withPrefect<Result>(work: (prefect: Prefect) => Promise<Result>): Promise<Result> {
  const bin = join(await environment(), 'bin');
  const home = await mkdtemp(join(tmpdir(), 'trainyard-bench-prefect-'));
  const port = await freePort();
  const env = {
    ...process.env,
    PREFECT_HOME: home,
    PREFECT_API_URL: `http://127.0.0.1:${port}/api`,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
  };
  const args = ['server', 'start', '--host', '127.0.0.1', '--port', String(port)];
  // A group of its own: the command starts the server as its child.
  const server = spawn(join(bin, 'prefect'), args, { env, stdio: 'ignore', detached: true });
  const started: ChildProcess[] = [];
  try {
    await healthy(`${env.PREFECT_API_URL}/health`, server);
    const python = (...args: string[]) => {
      const child = spawn(join(bin, 'python'), [script, ...args], { env, stdio: ['pipe', 'pipe', 'ignore'] });
      started.push(child);
      return child;
    };
    python('worker').stdout.resume();
    const flows = python();
    const lines = createInterface({ input: flows.stdout })[Symbol.asyncIterator]();
    const answer = async () => {
      const line = await lines.next();
      if (line.done) throw new Error('the process with the flows of Prefect has ended');
      return line.value;
    };
    const version = await answer();
    return await work({
      version,
      run: async (flow, tasks) => {
        flows.stdin.write(`${flow} ${tasks}\n`);
        const ms = Number(await answer());
        await idle(server);
        return ms;
      },
    });
  } finally {
    for (const child of started) await end(child, (pid) => process.kill(pid));
    await end(server, (pid) => process.kill(-pid, 'SIGINT'));
    await rm(home, { recursive: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A virtual environment in the user's cache, made at first use. */
async function environment(): Promise<string> {
  const folder = join(dirname(engineCache(process.env)), 'bench-prefect');
  if (!existsSync(join(folder, 'bin', 'prefect'))) {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages]);
  }
  return folder;
}

async function healthy(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const answered = await fetch(url).catch(() => undefined);
    if (answered?.ok) return;
    await delay(200);
  }
  throw new Error('the server of Prefect has ended');
}

/** Events of a flow's tasks keep the server busy for seconds after it has ended: neither side's next run is to pay for them. */
async function idle({ pid = 0 }: ChildProcess): Promise<void> {
  for (let before = -Infinity, now = cpuMsOfTree(pid); now - before > 50; now = cpuMsOfTree(pid)) {
    before = now;
    await delay(500);
  }
}

async function end(child: ChildProcess, stop: (pid: number) => void): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  stop(child.pid);
  await exit;
}

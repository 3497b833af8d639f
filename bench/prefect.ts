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
import { putList } from '../src/artifacts/lists.js';
import { engineCache } from '../src/engine/locate.js';
import { freePort } from './free-port.js';
import { inPairs, type Measurement, timed } from './measurement.js';
import { oneOfMany, sixStages } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

const run = promisify(execFile);
const tasks = fileURLToPath(new URL('../../bench/peers/prefect_tasks.py', import.meta.url));
/** FastAPI 0.120 and later break Prefect 3's server. */
const packages = ['prefect', 'fastapi<0.120'];
const rounds = 5;
const inARow = 10;
const together = 100;

/** Prefect as it runs, with a flow's process that waits for its next flow. */
interface Prefect {
  readonly version: string;
  /** Milliseconds that so many tasks take, without the flow run around them. */
  tasks(flow: 'chain' | 'at-once', count: number): Promise<number>;
}

/** Milliseconds for a stage (the run around it included) and for a task: 1/5 in a chain and 1/3 at once are the bars. */
export function benchPrefect(): Promise<Measurement[]> {
  return withPrefect((prefect) => withStack(['pipelines', 'cpu'], (stack) => measure(stack, prefect)));
}

async function measure({ pipelines, store }: BenchStack, prefect: Prefect): Promise<Measurement[]> {
  const items = await putList(
    store,
    Array.from({ length: together }, (_, count) => ({ count })),
  );
  const chain = () => timed(async () => (await pipelines.start(sixStages, { input: { count: 0 } })).result());
  const map = () =>
    timed(async () => (await pipelines.start(oneOfMany, { input: { items, concurrency: together } })).result());
  for (let warm = 0; warm < 5; warm++) {
    await chain();
    await map();
  }
  const single = await inPairs(
    rounds,
    async () => (await chain()) / Object.keys(sixStages.stages).length,
    async () => (await prefect.tasks('chain', inARow)) / inARow,
  );
  const many = await inPairs(
    rounds,
    async () => (await map()) / together,
    async () => (await prefect.tasks('at-once', together)) / together,
  );
  const peer = `Prefect ${prefect.version}`;
  return [
    {
      name: `stage in a chain (peer: ${peer})`,
      value: single.ours,
      unit: 'ms',
      peer: single.peer,
      ratio: single.ratio,
    },
    { name: `stage of 100 at once (peer: ${peer})`, value: many.ours, unit: 'ms', peer: many.peer, ratio: many.ratio },
  ];
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
    PREFECT_LOGGING_LEVEL: 'ERROR',
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
  };
  const args = ['server', 'start', '--host', '127.0.0.1', '--port', String(port)];
  // A group of its own: the command starts the server as its child.
  const server = spawn(join(bin, 'prefect'), args, { env, stdio: 'ignore', detached: true });
  const flows = spawn(join(bin, 'python'), [tasks], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    await healthy(`${env.PREFECT_API_URL}/health`, server);
    const lines = createInterface({ input: flows.stdout })[Symbol.asyncIterator]();
    const answer = async () => {
      const line = await lines.next();
      if (line.done) throw new Error('the process with the flows of Prefect has ended');
      return line.value;
    };
    const version = await answer();
    return await work({
      version,
      tasks: async (flow, count) => {
        flows.stdin.write(`${flow} ${count}\n`);
        return Number(await answer());
      },
    });
  } finally {
    await end(flows, () => flows.kill());
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

async function end(child: ChildProcess, stop: (pid: number) => void): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  stop(child.pid);
  await exit;
}

/**
 * What each tuned flag of the engine is worth: time for one trivial stage, with the workflow worker and the activity worker in processes of
 * their own, on a database file. The flags are added one after the other.
 *
 *     npx tsc -b bench && node dist/bench/engine-flags.js
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { locateEngine } from '../src/engine/locate.js';
import { endServer, startServer } from '../src/engine/server-process.js';
import { tunedFlags } from '../src/engine/tuning.js';

const namespace = 'bench';
const thisFile = fileURLToPath(import.meta.url);

/** Workflow of `engine-flags-workflows.ts`, number of stages, title. */
const loads = [
  ['inARow', 10, '10 in a row'],
  ['inARow', 100, '100 in a row'],
  ['atOnce', 100, '100 at once'],
  ['retried', 3, 'a retry after 1 ms'],
] as const;

const [role, address] = process.argv.slice(2);
if (role !== undefined && address !== undefined) await work(role, address);
else await measureAll();

async function measureAll(): Promise<void> {
  const engine = await locateEngine({ onProgress: console.error });
  if (engine.kind !== 'binary') throw new Error(`unset TEMPORAL_*: the flags of ${engine.source} are not ours`);
  const ladder = tunedFlags();
  console.log(`| flags, each on top of those above | ${loads.map(([, , title]) => title).join(' | ')} |`);
  console.log(`|---${'|---'.repeat(loads.length)}|`);
  for (let count = 0; count <= ladder.length; count += 1) {
    const title = ladder[count - 1]?.args.filter((arg) => !arg.startsWith('--')).join(', ') ?? '`--db-filename` alone';
    const flags = ladder.slice(0, count).flatMap(({ args }) => args);
    const times = await measure(engine.path, flags);
    console.log(`| ${title} | ${times.map((ms) => `${ms.toFixed(1)} ms`).join(' | ')} |`);
  }
}

/** Milliseconds for one stage under each load: the median of three. */
async function measure(binary: string, flags: readonly string[]): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-flags-'));
  const database = join(folder, 'temporal.db');
  const started = await startServer({
    binary,
    database,
    logFile: join(folder, 'server.log'),
    namespace,
    flags,
  });
  if (started.state !== 'running') throw new Error(`port ${started.port} was taken in between: try again`);
  const { server } = started;
  const workers = await Promise.all(['workflows', 'activities'].map((name) => startWorker(name, server.address)));
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new Client({ connection, namespace });
    await timeOf(client, 'inARow', 3);
    const times: number[] = [];
    for (const [workflow, stages] of loads) {
      const three = [
        await timeOf(client, workflow, stages),
        await timeOf(client, workflow, stages),
        await timeOf(client, workflow, stages),
      ];
      times.push(three.sort((one, other) => one - other)[1] ?? 0);
    }
    return times;
  } finally {
    await connection.close();
    for (const worker of workers) {
      worker.kill();
      await once(worker, 'exit');
    }
    await endServer(database);
    await rm(folder, { recursive: true });
  }
}

async function timeOf(client: Client, workflow: string, stages: number): Promise<number> {
  const startMs = performance.now();
  const workflowId = `${workflow}-${String(startMs)}`;
  await client.workflow.execute(workflow, { taskQueue: 'workflows', workflowId, args: [stages] });
  return (performance.now() - startMs) / stages;
}

async function startWorker(name: string, at: string) {
  const child = spawn(process.execPath, [thisFile, name, at], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return child;
}

async function work(name: string, at: string): Promise<void> {
  const connection = await NativeConnection.connect({ address: at });
  const code =
    name === 'workflows'
      ? { workflowsPath: fileURLToPath(new URL('engine-flags-workflows.js', import.meta.url)) }
      : { activities: { stage: () => Promise.resolve(), failsOnce } };
  const worker = await Worker.create({ connection, namespace, taskQueue: name, ...code });
  const running = worker.run();
  console.log('ready');
  await running;
}

function failsOnce(): Promise<void> {
  if (Context.current().info.attempt > 1) return Promise.resolve();
  return Promise.reject(ApplicationFailure.create({ message: 'again', nextRetryDelay: '1 ms' }));
}

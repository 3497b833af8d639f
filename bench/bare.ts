/** Workers of Temporal's SDK alone, in processes of their own: what pipelines are compared with. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConnectedEngine } from '../src/engine/connect-engine.js';

const bareWorker = fileURLToPath(new URL('./project/bare-worker.js', import.meta.url));

/** Runs `work` beside a worker for the peer's workflows and one for its activities. */
export async function besideBareWorkers<Result>(engine: ConnectedEngine, work: () => Promise<Result>): Promise<Result> {
  const workers = ['workflows', 'activities'].map((role) => start(role, engine));
  try {
    return await work();
  } finally {
    await Promise.all(workers.map(stop));
  }
}

function start(role: string, { address, namespace }: ConnectedEngine): ChildProcess {
  return spawn(process.execPath, [bareWorker, role, address, namespace], { stdio: ['pipe', 'ignore', 'ignore'] });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

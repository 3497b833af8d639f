/** A worker as a process of its own, which a trial may kill, stop, starve and cut off. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { descendantsOf, gone, send } from './process-table.js';

/** What is unusual about a worker. */
export interface WorkerSettings {
  readonly env?: Readonly<Record<string, string>>;
  /** The command to start. @default this version's `trainyard` */
  readonly command?: string;
  /** The most files it may have open. */
  readonly descriptors?: number;
}

/** What every worker of a lab is started with. */
export interface WorkerPlace {
  readonly pool: string;
  readonly folder: string;
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A worker that serves its pool. */
export interface WorkerProcess {
  readonly pool: string;
  readonly pid: number;
  /** True until it has ended. */
  readonly lives: () => boolean;
  /** Kills it with -9 and sees that all that it started goes with it. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  readonly drain: () => Promise<number | null>;
  /** SIGSTOP or SIGCONT, to it and all that it has started. */
  readonly signalAll: (signal: 'SIGSTOP' | 'SIGCONT') => void;
}

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** Resolves once it serves its pool. */
export async function startWorker(place: WorkerPlace, settings: WorkerSettings = {}): Promise<WorkerProcess> {
  const { pool, folder, logFile } = place;
  const { command = main, descriptors } = settings;
  const args = ['--enable-source-maps', command, 'worker', '--pool', pool, '--project', folder, '--exit-with-parent'];
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
  const child = spawn('/bin/sh', ['-c', `${limit}exec "$@"`, 'worker', process.execPath, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ...place.env, ...settings.env },
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stderr.pipe(log, { end: false });
  child.stdout.pipe(log, { end: false });
  child.once('close', () => log.end());
  await saysItIsUp(child, pool, logFile);
  return workerOf(child, pool);
}

function workerOf(child: ChildProcess, pool: string): WorkerProcess {
  const pid = child.pid ?? 0;
  const lives = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (!lives()) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    pool,
    pid,
    lives,
    kill: async () => {
      const started = descendantsOf(pid);
      await end('SIGKILL');
      await gone(started);
    },
    drain: async () => {
      await end('SIGTERM');
      return child.exitCode;
    },
    signalAll: (signal) => {
      for (const each of [pid, ...descendantsOf(pid)]) send(each, signal);
    },
  };
}

async function saysItIsUp(child: ChildProcess, pool: string, logFile: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes(`worker of pool ${pool} is up`)) return;
      child.stdout?.off('data', listen);
      child.stderr?.off('data', listen);
      resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => {
      reject(new Error(`a worker of ${pool} ended (${code ?? 'killed'}) before it served; see ${logFile}:\n${said}`));
    });
  });
}

function cleanEnvironment(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|TRAINYARD_|NODE_OPTIONS)/.test(name));
  return Object.fromEntries(entries);
}

/** Everything that a run needs on one machine, as separate processes: workers of each pool, and a model server. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedProject } from '../config/load-project.js';
import { TrainyardError } from '../contracts/errors.js';
import type { ConnectedEngine } from '../engine/connect-engine.js';

/** A process of the stack: its log is a file below `.trainyard/logs`. */
export interface StackProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: string;
}

/** The running stack; `stop` drains it and leaves nothing behind. */
export interface LocalStack {
  readonly processes: readonly StackProcess[];
  /** Starts another worker of a pool, for instance after one was killed. */
  startWorker(pool: string): Promise<StackProcess>;
  /** Rejects with TY1909 when a process has ended by itself; one that was killed by a signal is started again. */
  readonly broken: Promise<never>;
  /** A sentence for each process that was killed and started again. */
  readonly incidents: readonly string[];
  stop(): Promise<void>;
}

/** What to start. */
export interface LocalStackOptions {
  readonly project: LoadedProject;
  /** Folder that was given as `--project`: the children load the same one. */
  readonly configFolder: string;
  readonly engine: ConnectedEngine;
  readonly pools: readonly string[];
  /** Starts `trainyard serve` too, with these flags where there are any. */
  readonly serve: boolean | readonly string[];
  /** Pools whose workers may die for good: somebody kills them on purpose, and calls `startWorker`. */
  readonly mayDie?: readonly string[];
}

const main = fileURLToPath(new URL('./main.js', import.meta.url));
const drainMs = 15_000;

/** Starts the processes; they drain by themselves should this process be killed. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const logs = join(options.project.folder, '.trainyard', 'logs');
  await mkdir(logs, { recursive: true });
  const processes: StackProcess[] = [];
  const incidents: string[] = [];
  let stopping = false;
  let reportBroken: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => (reportBroken = reject));
  // Nobody may be waiting when it happens.
  broken.catch(() => undefined);

  const { environment } = options.project;
  const chosen = environment === undefined ? [] : ['--env', environment];
  const start = (name: string, args: readonly string[]): StackProcess => {
    const log = join(logs, `${name}.log`);
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', main, ...args, '--project', options.configFolder, ...chosen, '--exit-with-parent'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
        // A terminal's Ctrl-C goes to the whole group: the stack is stopped by us, in order.
        detached: true,
        env: { ...process.env, ...options.engine.env },
      },
    );
    const file = createWriteStream(log, { flags: 'a' });
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    child.once('close', (code, signal) => {
      file.end();
      if (stopping || options.mayDie?.includes(name)) return;
      if (signal !== null) {
        incidents.push(`${name} was killed (${signal}) and started again`);
        start(name, args);
        return;
      }
      void lastLines(log).then((tail) =>
        reportBroken(new TrainyardError('TY1909', `${name} ended by itself (exit code ${code ?? 0}):\n${tail}\n`)),
      );
    });
    const started = { name, child, log };
    processes.push(started);
    return started;
  };

  for (const pool of options.pools) start(pool, ['worker', '--pool', pool]);
  const { serve } = options;
  if (serve !== false) start('serve', ['serve', '--port', '0', ...(serve === true ? [] : serve)]);
  return {
    processes,
    incidents,
    startWorker: (pool) => Promise.resolve(start(pool, ['worker', '--pool', pool])),
    broken,
    stop: async () => {
      stopping = true;
      await Promise.all(processes.map(({ child }) => end(child)));
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), drainMs);
  await closed;
  clearTimeout(timer);
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.trimEnd().split('\n').slice(-5).join('\n');
}

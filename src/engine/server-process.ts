/** The development server as a process: found in the process table, started detached, awaited, ended. @module */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TrainyardError } from '../contracts/errors.js';
import { openConnection } from './open-connection.js';

const host = '127.0.0.1';
const pollMs = 25;
const startMs = 60_000;
const silenceMs = 15_000;
const endMs = 10_000;

/** A development server that runs on a given database file. */
export interface RunningServer {
  /** More than one where `temporal` is a wrapper around the real one. */
  readonly pids: readonly number[];
  readonly address: string;
  readonly uiAddress: string;
  readonly port: number;
  readonly uiPort: number;
}

export interface ServerOptions {
  readonly binary: string;
  /** Its folder exists. */
  readonly database: string;
  readonly logFile: string;
  readonly namespace: string;
  /** See `tunedFlags`. */
  readonly flags: readonly string[];
  /** Ports of 127.0.0.1; free ones where left out. */
  readonly port?: number;
  readonly uiPort?: number;
}

/**
 * The server that runs on `database`, by the command lines in the process table and nothing else: no pid file can be stale, no
 * recycled pid can be taken for a server, and a deleted state file cannot lead to a second server on one database.
 */
export function findServer(database: string): RunningServer | undefined {
  const found = commandLines().filter(
    ({ line }) => line.includes(' server start-dev ') && line.endsWith(` --db-filename ${database}`),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  const port = Number(/ --port (\d+) /.exec(first.line)?.[1]);
  const uiPort = Number(/ --ui-port (\d+) /.exec(first.line)?.[1]);
  return {
    pids: found.map(({ pid }) => pid),
    address: `${host}:${port}`,
    uiAddress: `http://${host}:${uiPort}`,
    port,
    uiPort,
  };
}

/** A server, or the port that another process holds. */
export type Started =
  | { readonly state: 'running'; readonly server: RunningServer }
  | { readonly state: 'port taken'; readonly port: number };

/**
 * Starts a server that outlives this process and answers when this resolves. Throws TY1802, with the end of its log, when it ends for another
 * reason than a taken port, or stays silent for a minute.
 */
export async function startServer(options: ServerOptions): Promise<Started> {
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const ports = ['--ip', host, '--port', String(port), '--ui-port', String(uiPort)];
  const rest = ['--namespace', options.namespace, '--log-level', 'error', ...options.flags];
  // The database comes last: where `ps` joins the arguments with blanks, a path with blanks is still found by its end.
  const child = detached(options, ['server', 'start-dev', ...ports, ...rest, '--db-filename', options.database]);
  let ending: string | undefined;
  child
    .once('error', (error) => (ending = error.message))
    .once('exit', (code, signal) => (ending = signal ?? `code ${code ?? 'unknown'}`));
  const deadlineMs = performance.now() + startMs;
  while (!(await answers(port))) {
    if (ending === undefined && performance.now() > deadlineMs) {
      child.kill('SIGKILL');
      ending = `no answer within ${startMs / 1_000} s`;
    }
    if (ending !== undefined) return takenPort(options, ending);
    await delay(pollMs);
  }
  const pids = child.pid === undefined ? [] : [child.pid];
  return {
    state: 'running',
    server: { pids, address: `${host}:${port}`, uiAddress: `http://${host}:${uiPort}`, port, uiPort },
  };
}

/**
 * The server on `database` once it answers; `undefined` when there is none. One that was killed stays in the process table for a moment, and
 * one whose starter was killed may not answer yet: for both, wait and look again. Throws TY1808 when it stays silent.
 */
export async function awaitServer(database: string): Promise<RunningServer | undefined> {
  const deadlineMs = performance.now() + silenceMs;
  for (;;) {
    const server = findServer(database);
    if (server === undefined || (await answers(server.port))) return server;
    if (performance.now() > deadlineMs)
      throw new TrainyardError(
        'TY1808',
        `the engine at ${server.address} runs but has not answered for ${silenceMs / 1_000} s`,
        {
          remedy: 'Run "trainyard engine stop --force" and try again: runs go on where they were',
        },
      );
    await delay(pollMs);
  }
}

/** Asks the server on `database` to end and waits until it is gone; SIGKILL after ten seconds. */
export async function endServer(database: string): Promise<void> {
  signal(findServer(database), 'SIGTERM');
  const deadlineMs = performance.now() + endMs;
  for (let left = findServer(database); left !== undefined; left = findServer(database)) {
    if (performance.now() > deadlineMs) signal(left, 'SIGKILL');
    await delay(pollMs);
  }
}

function detached({ binary, database, logFile }: ServerOptions, args: readonly string[]) {
  const log = openSync(logFile, 'w');
  try {
    // Its own session: Ctrl-C in the terminal ends the command, and the command decides about the server. The `temporal` command reads
    // TEMPORAL_* itself, and settings for other servers are not for this one.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
    const child = spawn(binary, args, { cwd: dirname(database), env, detached: true, stdio: ['ignore', log, log] });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** A TCP probe first: a gRPC channel that was refused once waits a second before it tries again. */
async function answers(port: number): Promise<boolean> {
  if (!(await isListening(port))) return false;
  try {
    const connection = await openConnection({ address: `${host}:${port}`, connectTimeout: '2 seconds' });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

async function takenPort({ binary, logFile }: ServerOptions, ending: string): Promise<Started> {
  const log = await readFile(logFile, 'utf8');
  // The frontend says "port N: …", the UI's web server "listen tcp 127.0.0.1:N: …".
  const taken = /(?:port |tcp [\d.]+:)(\d+): .*address already in use/.exec(log)?.[1];
  if (taken !== undefined) return { state: 'port taken', port: Number(taken) };
  const tail = log.trim().split('\n').slice(-5).join('\n');
  throw new TrainyardError(
    'TY1802',
    `${binary} did not start (${ending})${tail && `: ${tail}`}; its log is ${logFile}`,
  );
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(port, host);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('a TCP server has no port'));
      });
    });
  });
}

function commandLines(): { pid: number; line: string }[] {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 })
      .split('\n')
      .map((row) => ({ pid: Number.parseInt(row, 10), line: row.trim() }));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), line: commandLine(name) }));
}

/** Empty for one that has just ended. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1).join(' ');
  } catch {
    return '';
  }
}

function signal(server: RunningServer | undefined, name: NodeJS.Signals): void {
  for (const pid of server?.pids ?? []) {
    try {
      process.kill(pid, name);
    } catch {
      // It ended by itself, which is what was asked.
    }
  }
}

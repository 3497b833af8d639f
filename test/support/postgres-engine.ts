/** A Temporal server on PostgreSQL, as tools/engine/postgres.sh runs it; it ends with the process that started it, also after kill -9. @module */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { gone, send } from '../faults/support/process-table.js';

/** What may die of it: the Temporal server, PostgreSQL. */
export type EnginePart = 'server' | 'postgres';

/** A server that answers, with a namespace that exists. */
export interface PostgresEngine {
  /** `127.0.0.1:port`, the same after each {@link revive}. */
  readonly address: string;
  readonly namespace: string;
  /** With these in its environment, `connectEngine` leads here. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the script, the server and PostgreSQL. */
  readonly pids: () => Promise<readonly number[]>;
  /** Kills parts with -9; they stay down until {@link revive}. */
  readonly kill: (parts?: readonly EnginePart[]) => Promise<void>;
  /** Lets the script start again what was killed: it takes a second, and PostgreSQL's recovery. */
  readonly revive: () => void;
  /** Ends it, and removes its folder. */
  readonly stop: () => Promise<void>;
}

const script = fileURLToPath(new URL('../../../tools/engine/postgres.sh', import.meta.url));

// The subshell holds the end of a pipe whose other end only the owner has.
const launcher = '(cat <&3; kill $$; kill -CONT $$) >/dev/null 2>&1 & exec "$@" 3<&-';

const Ready = z.object({ address: z.string(), namespace: z.string(), folder: z.string() });
const Pids = z.object({ script: z.int(), server: z.int(), postgres: z.int() });

/** Starts it in a temporary folder on free ports. The very first start builds it, which takes minutes. Throws the script's own words. */
export async function startPostgresEngine(namespace: string): Promise<PostgresEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'ty-postgres-'));
  await chmod(folder, 0o711); // PostgreSQL runs as another user than root
  const child = spawn('/bin/sh', ['-c', launcher, 'postgres', script, '--folder', folder, '--namespace', namespace], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { address } = await ready(child);
  const pids = async () => Pids.parse(JSON.parse(await readFile(join(folder, 'pids'), 'utf8')));
  return {
    address,
    namespace,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    pids: async () => Object.values(await pids()),
    kill: async (parts = ['server', 'postgres']) => {
      const all = await pids();
      send(all.script, 'SIGSTOP');
      const killed = parts.map((part) => all[part]);
      for (const pid of killed) send(pid, 'SIGKILL');
      await gone(killed);
    },
    revive: () => {
      child.kill('SIGCONT');
    },
    stop: async () => {
      const closed = once(child, 'exit');
      child.kill('SIGCONT');
      if (child.kill('SIGTERM')) await closed;
      child.stdio[3]?.destroy();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Why there can be none on this machine; undefined where there can. */
export function postgresMissing(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(script, ['--check'], (error, _, stderr) => {
      resolve(error === null ? undefined : stderr.trim() || error.message);
    });
  });
}

/** Its first line; what it says beside goes to standard error, until it ends without one: then it is why. */
async function ready(child: ChildProcess): Promise<z.output<typeof Ready>> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the script has no output');
  let words = '';
  stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  const lines = createInterface({ input: stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([first]) => String(first)),
    once(child, 'exit').then(() => undefined),
  ]);
  if (line === undefined) throw new Error(`the Temporal server on PostgreSQL did not start: ${words.trim()}`);
  return Ready.parse(JSON.parse(line));
}

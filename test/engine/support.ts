/** What the tests of the engine share: folders, processes and conditions, each ending with the test. @module */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Runs `use` with a new empty folder (its real path), which is removed afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'ty-')));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until `condition` holds; mocha's timeout bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** A process that runs a file beside this one. */
export interface Helper {
  /** The next line of its standard output; rejects when it ends without one. */
  readonly line: () => Promise<string>;
  /** Closes its standard input, which ends it, and waits. */
  readonly end: () => Promise<void>;
  /** kill -9, and waits. */
  readonly kill: () => Promise<void>;
}

/** Starts `test/engine/<name>.js` with arguments. */
export function startHelper(name: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Helper {
  const file = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, [file, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const next = await lines.next();
    if (next.done) throw new Error(`${name} ended without a word`);
    return next.value;
  };
  const end = async () => {
    child.stdin.end();
    await exited;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { line, end, kill };
}

/** Resolves when whoever started this process closes its standard input. */
export async function inputEnded(): Promise<void> {
  await once(process.stdin.resume(), 'end');
}

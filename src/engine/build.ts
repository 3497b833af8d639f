/** Builds a Temporal server with Go, once, from the module pinned in `tools/engine`. @module */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '../contracts/errors.js';

/** Version of `github.com/temporalio/cli` in `tools/engine/go.mod`; it carries server 1.29.1 and UI 2.42. Later tags need a submodule that the Go proxy lacks. */
export const cliVersion = '1.5.1';

const module = fileURLToPath(new URL('../../../tools/engine/', import.meta.url));
const mainPackage = 'github.com/temporalio/cli/cmd/temporal';
const progressEveryMs = 1_000;

/**
 * Builds the server to `target`, which appears complete or not at all. Takes 3 to 5 minutes on 2 cores and 3 GB in Go's caches; says
 * how far it is once a second. Throws TY1806 with Go's last words. Call it under a lock.
 */
export async function buildServer(
  target: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const folder = join(dirname(dirname(target)), `.building-${randomUUID()}`);
  const built = join(folder, 'temporal');
  await mkdir(folder, { recursive: true });
  try {
    onProgress('building a Temporal server with Go, once: 3 to 5 minutes on 2 cores');
    const total = await listPackages(env, onProgress);
    await compile(built, total, env, onProgress);
    await mkdir(dirname(target), { recursive: true });
    await rename(built, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Downloads the modules, as listing needs them, and counts the packages to build. */
async function listPackages(env: NodeJS.ProcessEnv, onProgress: (line: string) => void): Promise<number> {
  const report = throttled(onProgress);
  let downloaded = 0;
  let packages = 0;
  await go(['list', '-deps', mainPackage], env, {
    stdout: () => (packages += 1),
    stderr: (line) => {
      if (!line.startsWith('go: downloading ')) return;
      downloaded += 1;
      report(`downloading Go modules: ${downloaded} so far`);
    },
  });
  return packages;
}

/** `go build -v` names each package that it compiles; those in Go's cache it does not, so the last steps may be skipped. */
async function compile(
  output: string,
  total: number,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<void> {
  const report = throttled(onProgress);
  const startMs = performance.now();
  let done = 0;
  await go(['build', '-v', '-ldflags', '-s -w', '-o', output, mainPackage], env, {
    stderr: () => {
      done += 1;
      const leftMs = ((performance.now() - startMs) * (total - done)) / done;
      // The first packages are small ones: an estimate from a handful of them would be wrong by minutes.
      const estimate = done * 20 > total ? `, about ${inWords(leftMs)} left` : '';
      report(`building a Temporal server: ${done} of ${total} packages${estimate}`);
    },
  });
}

interface Lines {
  readonly stdout?: (line: string) => void;
  readonly stderr: (line: string) => void;
}

async function go(args: readonly string[], env: NodeJS.ProcessEnv, lines: Lines): Promise<void> {
  const pinned = { ...env, GOFLAGS: '-mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' };
  const child = spawn('go', args, { cwd: module, env: pinned, stdio: ['ignore', 'pipe', 'pipe'] });
  const lastWords: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.stdout?.(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastWords.push(line);
    if (lastWords.length > 8) lastWords.shift();
    lines.stderr(line);
  });
  const ending = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      resolve('code' in error && error.code === 'ENOENT' ? 'there is no "go" on PATH' : error.message);
    });
    child.once('close', (code, signal) => {
      resolve(
        code === 0 ? undefined : `it ended with ${signal ?? `code ${code ?? 'unknown'}`}: ${lastWords.join('\n')}`,
      );
    });
  });
  if (ending !== undefined)
    throw new TrainyardError('TY1806', `go ${args[0] ?? ''} of the Temporal server failed: ${ending}`);
}

function throttled(onProgress: (line: string) => void): (line: string) => void {
  let nextMs = 0;
  return (line) => {
    const nowMs = performance.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + progressEveryMs;
    onProgress(line);
  };
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 10_000) * 10;
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

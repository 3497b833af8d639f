/** S3 servers for tests, examples and benches: built with Go into the user's cache, once. @module */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '../../src/contracts/errors.js';
import { withLock } from '../../src/artifacts/lock.js';

/** A server that can be had: its Go package, and how long its build takes on 2 cores. */
export interface ServerSource {
  readonly goPackage: string;
  readonly version: string;
  readonly minutes: string;
}

/** Apache-2.0, 45 MB: a gateway to a folder. Conditional writes hold under races; it ignores encryption headers. */
export const versitygw: ServerSource = {
  goPackage: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
  minutes: '2 to 5 minutes',
};

/** AGPL, 112 MB: only ever a process beside a test, never part of what is built here. It really encrypts. */
export const minio: ServerSource = {
  goPackage: 'github.com/minio/minio',
  version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
  minutes: '3 to 7 minutes',
};

/** The executable if it is in the cache. */
export function installedServer(source: ServerSource): string | undefined {
  const path = pathOf(source);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** The executable, built first where the cache lacks it; two processes that need it at once get it from one build. */
export async function installServer(source: ServerSource, onProgress: (line: string) => void): Promise<string> {
  const found = installedServer(source);
  if (found !== undefined) return found;
  const name = basename(source.goPackage);
  const lock = join(cache(), 'lock');
  await mkdir(lock, { recursive: true });
  const onWait = () => {
    onProgress('another process is building an S3 server: waiting for it');
  };
  return withLock(lock, onWait, async () => {
    const built = installedServer(source);
    if (built !== undefined) return built;
    await removeUnfinished();
    onProgress(`building ${name} ${source.version} with Go, once: ${source.minutes} on 2 cores`);
    const folder = join(cache(), `.building-${randomUUID()}`);
    try {
      await goInstall(source, folder);
      await mkdir(dirname(pathOf(source)), { recursive: true });
      await rename(join(folder, name), pathOf(source));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return pathOf(source);
  });
}

function cache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'trainyard', 's3');
}

function pathOf({ goPackage, version }: ServerSource): string {
  const name = basename(goPackage);
  return join(cache(), `${name}-${version}`, name);
}

/** What a build that was killed left; we hold the lock, so nobody works on it. */
async function removeUnfinished(): Promise<void> {
  for (const name of await readdir(cache()))
    if (name.startsWith('.')) await rm(join(cache(), name), { recursive: true, force: true });
}

async function goInstall({ goPackage, version }: ServerSource, folder: string): Promise<void> {
  const env = { ...process.env, GOBIN: folder, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };
  const args = ['install', '-ldflags', '-s -w', `${goPackage}@${version}`];
  const go = spawn('go', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const lastWords: string[] = [];
  createInterface({ input: go.stderr }).on('line', (line) => {
    lastWords.push(line);
    if (lastWords.length > 8) lastWords.shift();
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      reject(new Error(`go install of ${goPackage}@${version} failed: ${why}`));
    };
    go.once('error', (error) => {
      fail('code' in error && error.code === 'ENOENT' ? 'there is no "go" on PATH' : messageOf(error));
    });
    go.once('close', (code) => {
      if (code === 0) resolve();
      else fail(lastWords.join('\n'));
    });
  });
}

/** Five ways to a Temporal server, in order; the first that leads to one wins. @module */
import { accessSync, constants, statSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { buildServer, cliVersion } from './build.js';
import { externalServer, type ExternalServer } from './external.js';
import { withLock } from '../artifacts/lock.js';
import { downloadServer } from './sdk-download.js';

/** An executable `temporal` that Trainyard starts itself. */
export interface ServerBinary {
  readonly kind: 'binary';
  readonly path: string;
  readonly source: string;
}

export interface LocateOptions {
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Told what goes on while a server is downloaded or built: whole sentences, at most one a second. */
  readonly onProgress?: (line: string) => void;
}

/**
 * A server that runs already, or the executable of one, with where it was found in one line (`source`). May download or build one, which takes
 * minutes, once for each user; two processes that need it at once get it from one build. Throws TY1801 with all five ways, each with why
 * it led nowhere, and TY1805 where a setting names something that is not there.
 * @example const engine = await locateEngine({ onProgress: console.error });
 * // { kind: 'binary', path: '/usr/bin/temporal', source: 'temporal on PATH (/usr/bin/temporal)' }
 */
export async function locateEngine(options: LocateOptions = {}): Promise<ExternalServer | ServerBinary> {
  const { env = process.env, onProgress = () => undefined } = options;
  return externalServer(env) ?? installed(env) ?? cached(env) ?? (await obtain(env, onProgress));
}

/** Where this user's servers are kept: `$XDG_CACHE_HOME/trainyard/engine`. */
export function engineCache(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'trainyard', 'engine');
}

function installed(env: NodeJS.ProcessEnv): ServerBinary | undefined {
  const named = env['TRAINYARD_TEMPORAL_CLI'];
  if (named) {
    const path = resolve(named);
    if (isExecutable(path)) return binary(path, 'TRAINYARD_TEMPORAL_CLI');
    throw new TrainyardError('TY1805', `TRAINYARD_TEMPORAL_CLI is ${named}, which is not an executable file`);
  }
  const path = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder, 'temporal'))
    .find(isExecutable);
  return path === undefined ? undefined : binary(path, 'temporal on PATH');
}

function cached(env: NodeJS.ProcessEnv): ServerBinary | undefined {
  const path = [builtPath(env), downloadedPath(env)].find(isExecutable);
  return path === undefined ? undefined : binary(path, 'built or downloaded before');
}

async function obtain(env: NodeJS.ProcessEnv, onProgress: (line: string) => void): Promise<ServerBinary> {
  const lock = join(engineCache(env), 'lock');
  await mkdir(lock, { recursive: true });
  const onWait = () => {
    onProgress('another process is getting a Temporal server: waiting for it');
  };
  return withLock(lock, onWait, async () => {
    const found = cached(env);
    if (found !== undefined) return found;
    await removeUnfinished(engineCache(env));
    const failures: unknown[] = [];
    try {
      onProgress("asking for the Temporal SDK's download of a server");
      await downloadServer(downloadedPath(env), env);
      return binary(downloadedPath(env), "the Temporal SDK's download");
    } catch (error) {
      failures.push(error);
    }
    try {
      await buildServer(builtPath(env), env, onProgress);
      return binary(builtPath(env), 'built from tools/engine');
    } catch (error) {
      failures.push(error);
    }
    throw nowhere(env, failures.map(messageOf));
  });
}

/** What a process that was killed in the middle of a download or a build left; we hold the lock, so nobody works on it. */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache))
    if (name.startsWith('.')) await rm(join(cache, name), { recursive: true, force: true });
}

function nowhere(env: NodeJS.ProcessEnv, [download = '', build = '']: string[]): TrainyardError {
  const ways = [
    'a server that runs: TEMPORAL_ADDRESS and TEMPORAL_PROFILE are not set, and Temporal has no default profile with an address',
    'an installed one: TRAINYARD_TEMPORAL_CLI is not set and PATH has no "temporal"',
    `this user's cache: ${engineCache(env)} has none`,
    `the Temporal SDK's download: ${download}`,
    `go build of tools/engine: ${build}`,
  ];
  return new TrainyardError(
    'TY1801',
    `no Temporal server was found in five ways:\n${ways.map((way, index) => `  ${index + 1}. ${way}`).join('\n')}\n`,
  );
}

function builtPath(env: NodeJS.ProcessEnv): string {
  return join(engineCache(env), `temporal-cli-${cliVersion}`, 'temporal');
}

/** The SDK decides which server fits it, so its version names the download. */
function downloadedPath(env: NodeJS.ProcessEnv): string {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }; // every npm manifest has one
  return join(engineCache(env), `temporal-sdk-${version}`, 'temporal');
}

function binary(path: string, source: string): ServerBinary {
  return { kind: 'binary', path, source: `${source} (${path})` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

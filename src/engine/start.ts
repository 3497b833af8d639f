/** One server for a project, started by the first command that needs it, shared by all, ended by the last. @module */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TrainyardError } from '../contracts/errors.js';
import { withLock } from '../artifacts/lock.js';
import { announce, countAlive, socketFolder } from '../artifacts/presence.js';
import { awaitServer, endServer, findServer, startServer, type RunningServer } from './server-process.js';
import { tunedFlags, type Synchronous } from './tuning.js';

export interface StartOptions {
  /** The data are kept in its `.trainyard/engine`. */
  readonly projectFolder: string;
  readonly namespace: string;
  /** Where not given: the port of last time, so that connected workers find the server again, or a free one. */
  readonly port?: number;
  readonly uiPort?: number;
  /** @default 'normal' */
  readonly synchronous?: Synchronous;
  /** Leave it running until `stopEngine`. @default false */
  readonly keep?: boolean;
  readonly onProgress?: (line: string) => void;
}

/** This process's share in a project's server. */
export interface SharedServer<T> {
  readonly server: RunningServer;
  readonly prepared: T;
  readonly startedByUs: boolean;
  /** Ends the server unless others use it or it was started to be kept; does nothing when called again. */
  readonly release: () => Promise<void>;
}

/** What `trainyard engine status` shows. */
export type EngineStatus =
  | { readonly state: 'stopped'; readonly folder: string }
  | {
      readonly state: 'running';
      readonly folder: string;
      readonly server: RunningServer;
      readonly kept: boolean;
      readonly users: number;
    };

/**
 * Joins the project's server, or starts one where none runs, and prepares it. Two commands at once get the same server, one after the other,
 * so that neither sees it half prepared.
 */
export async function shareServer<T>(
  options: StartOptions,
  binary: string,
  prepare: (server: RunningServer) => Promise<T>,
): Promise<SharedServer<T>> {
  const { onProgress = () => undefined } = options;
  const folder = await engineFolder(options.projectFolder);
  const locked = <R>(work: () => Promise<R>) => {
    const onWait = () => {
      onProgress("another command is starting or stopping this project's engine: waiting for it");
    };
    return withLock(join(folder, 'lock'), onWait, work);
  };
  return locked(async () => {
    const running = await awaitServer(database(folder));
    const startedByUs = running === undefined;
    const server = running ?? (await start(folder, options, binary));
    if (options.keep) await writeFile(keptFile(folder), '');
    else if (startedByUs) await rm(keptFile(folder), { force: true });
    const leave = await enroll(join(folder, 'users'));
    const endUnlessUsed = async () => {
      if ((await leave()) > 0 || existsSync(keptFile(folder))) return;
      await endServer(database(folder));
    };
    let released: Promise<void> | undefined;
    try {
      const prepared = await prepare(server);
      return { server, prepared, startedByUs, release: () => (released ??= locked(endUnlessUsed)) };
    } catch (error) {
      await endUnlessUsed();
      throw error;
    }
  });
}

/** Whether the project's server runs, where, and for how many commands. */
export async function engineStatus({ projectFolder }: { readonly projectFolder: string }): Promise<EngineStatus> {
  const wanted = join(projectFolder, '.trainyard', 'engine');
  if (!existsSync(wanted)) return { state: 'stopped', folder: wanted };
  const folder = await realpath(wanted);
  const server = findServer(database(folder));
  if (server === undefined) return { state: 'stopped', folder };
  const users = await countAlive(await socketFolder(join(folder, 'users')));
  return { state: 'running', folder, server, kept: existsSync(keptFile(folder)), users };
}

/** Ends the project's server; false when none runs. Throws TY1807 while commands use it, unless forced. */
export async function stopEngine(options: {
  readonly projectFolder: string;
  readonly force?: boolean;
}): Promise<boolean> {
  if ((await engineStatus(options)).state === 'stopped') return false;
  const folder = await engineFolder(options.projectFolder);
  return withLock(
    join(folder, 'lock'),
    () => undefined,
    async () => {
      const status = await engineStatus(options);
      if (status.state === 'stopped') return false;
      if (status.users > 0 && !options.force)
        throw new TrainyardError(
          'TY1807',
          `the engine of ${options.projectFolder} is in use by ${status.users} running command${status.users > 1 ? 's' : ''}`,
        );
      await endServer(database(folder));
      await rm(keptFile(folder), { force: true });
      return true;
    },
  );
}

/** The engine's folder of a project, by its real path: two ways to one project must not mean two servers on one database. */
async function engineFolder(projectFolder: string): Promise<string> {
  const folder = join(projectFolder, '.trainyard', 'engine');
  await mkdir(folder, { recursive: true });
  return realpath(folder);
}

async function start(folder: string, options: StartOptions, binary: string): Promise<RunningServer> {
  const { port, uiPort, namespace } = options;
  const asked = { ...(port !== undefined && { port }), ...(uiPort !== undefined && { uiPort }) };
  const flags = tunedFlags(options.synchronous).flatMap(({ args }) => args);
  const fixed = { binary, database: database(folder), logFile: join(folder, 'server.log'), namespace, flags };
  const last = await lastPorts(folder);
  // Twice the ports of last time: a server that was killed a moment ago may still hold them. Then free ones, thrice: another process may take
  // one before the server does.
  for (const ports of [last, last, {}, {}, {}]) {
    const started = await startServer({ ...fixed, ...ports, ...asked });
    if (started.state === 'running') {
      await writeFile(portsFile(folder), JSON.stringify({ port: started.server.port, uiPort: started.server.uiPort }));
      return started.server;
    }
    if (started.port === port || started.port === uiPort)
      throw new TrainyardError('TY1803', `the engine cannot listen on port ${started.port}: another process does`);
  }
  throw new TrainyardError('TY1802', `the engine of ${options.projectFolder} found no free port in five tries`);
}

/** This process as a user of the server; the answer leaves and says how many others remain. */
async function enroll(folder: string): Promise<() => Promise<number>> {
  const users = await socketFolder(folder);
  const presence = await announce(users, `${randomUUID()}.sock`);
  return async () => {
    await presence?.withdraw();
    return countAlive(users);
  };
}

const Ports = z.object({ port: z.int(), uiPort: z.int() });

/** A wish, not a record: which server runs where is read from the process table. */
async function lastPorts(folder: string): Promise<Partial<z.output<typeof Ports>>> {
  try {
    return Ports.parse(JSON.parse(await readFile(portsFile(folder), 'utf8')));
  } catch {
    return {};
  }
}

function database(folder: string): string {
  return join(folder, 'temporal.db');
}

function portsFile(folder: string): string {
  return join(folder, 'ports.json');
}

/** Its presence says that the server was started by `engine start`, to stay. */
function keptFile(folder: string): string {
  return join(folder, 'kept');
}

/** One Temporal server for a whole test run, with a namespace of its own, in a temporary project; ended at the end. @module */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { type ConnectedEngine, connectEngine } from '../../src/engine/connect-engine.js';
import { locateEngine } from '../../src/engine/locate.js';

/** The server, and a connection of each kind. */
export interface TestEngine {
  readonly engine: ConnectedEngine;
  readonly client: Client;
  readonly native: NativeConnection;
}

let shared: Promise<TestEngine> | undefined;
let folder: string | undefined;

/** The test run's server: started by the first test that asks. */
export function testEngine(): Promise<TestEngine> {
  return (shared ??= start());
}

async function start(): Promise<TestEngine> {
  quietRuntime();
  folder = await mkdtemp(join(tmpdir(), 'trainyard-engine-'));
  const engine = await connectEngine({
    projectFolder: folder,
    namespace: 'tests',
    onProgress: (line) => console.error(line),
  });
  const connection = await Connection.connect(engine.connection);
  const native = await NativeConnection.connect(engine.connection);
  return { engine, client: new Client({ connection, namespace: engine.namespace }), native };
}

let quiet = false;

/** Temporal's part of this process, without its words; before anything else makes it: a process has one. */
export function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  Runtime.install({
    shutdownSignals: [],
    logger: { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
}

function ignore(): void {
  // The server's and the worker's own words are not the tests'.
}

/** A root hook: see .mocharc.json. Where there is no server yet it is built now: minutes that no test's own timeout allows for. */
export async function mochaGlobalSetup(): Promise<void> {
  await locateEngine({ onProgress: (line) => console.error(line) });
}

/** A root hook, too. */
export async function mochaGlobalTeardown(): Promise<void> {
  if (shared === undefined) return;
  const { engine, client, native } = await shared;
  // A test that failed may have left a worker behind: that must not hide why.
  await native.close().catch(() => undefined);
  await client.connection.close();
  await engine.release();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

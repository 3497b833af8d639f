/** A worker process from start to end: connects, serves its pool, drains on a signal, goes at the second one. @module */
import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { NativeConnection, type NativeConnectionOptions, Runtime, type Worker } from '@temporalio/worker';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { StageImplementation } from '../activity/implement-stage.js';
import { assertConforms } from '../artifacts/conformance.js';
import { openStore } from '../artifacts/open-store.js';
import { knownAttributes } from '../client/search-attributes.js';
import type { LoadedProject } from '../config/load-project.js';
import { loadImplementations, loadSchedules } from '../config/project-modules.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { pipelinesPool } from '../contracts/names.js';
import { serverPayloadBytes } from '../contracts/payload-limits.js';
import { openSigner, trustedKeys } from '../records/signing.js';
import { payloadGuard } from '../converter/payload-guard.js';
import { bundleWorkflows } from './bundle.js';
import { createPipelinesWorker } from './create-pipelines-worker.js';
import { createPoolWorker } from './create-pool-worker.js';
import { serveHealth } from './health.js';
import { temporalLogger } from './worker-log.js';

/** Where the server is: what a Temporal profile gives, and what clients and workers take alike. */
export interface ServerAddress extends Pick<NativeConnectionOptions, 'tls' | 'metadata'> {
  readonly address: string;
  readonly apiKey?: string;
}

/** What a worker process is told. */
export interface RunWorkerOptions {
  readonly project: LoadedProject;
  /** `pipelines`, or a pool of the project. */
  readonly pool: string;
  readonly connection: ServerAddress;
  /** @default the project's */
  readonly namespace?: string;
  /** Port of health and metrics on 127.0.0.1; 0 for any free one. @default 0 */
  readonly healthPort?: number;
  /** Lets payloads over the limit pass with a warning. @default false, as in development */
  readonly production?: boolean;
  readonly log: Logger;
}

/** A worker that can be run and drained. */
export interface RunnableWorker {
  readonly worker: Worker;
  readonly run: () => Promise<void>;
  /** Why it takes no work although it runs; undefined while it does. */
  readonly problem?: () => string | undefined;
}

/**
 * Runs until SIGTERM or SIGINT: then attempts save a checkpoint and go elsewhere; a second signal ends the process at
 * once. Throws TY1110 for a pool that the project lacks, TY1901 when the server cannot be reached.
 */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const { project, pool, log } = options;
  assertPool(project, pool);
  Runtime.install({
    shutdownSignals: [],
    logger: temporalLogger(log),
    // Its native part writes to stdout in colours of its own, unless its lines are sent to the logger.
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
  const connection = await connectNative(options.connection);
  const registry = new Registry();
  try {
    let created: RunnableWorker | undefined;
    // Before the worker: one that never ran cannot be taken down again.
    const health = await serveHealth({
      port: options.healthPort ?? 0,
      registry,
      problem: () => (created?.worker.getState() === 'RUNNING' ? created.problem?.() : 'the worker does not run'),
    });
    try {
      created = await createWorker(options, connection, registry);
      const release = drainOnSignal(created.worker, log);
      log.info(
        { healthPort: health.port, namespace: options.namespace ?? project.namespace },
        `worker of pool ${pool} is up`,
      );
      await created.run().finally(release);
    } finally {
      await health.close();
    }
    log.info(`worker of pool ${pool} has stopped`);
  } finally {
    await connection.close();
  }
}

/** Throws TY1110 for a pool that the project lacks. */
export function assertPool({ project }: LoadedProject, pool: string): void {
  const pools = [pipelinesPool, ...Object.keys(project.pools)];
  if (!pools.includes(pool))
    throw new TrainyardError('TY1110', `project ${project.name} has no pool "${pool}"; it has: ${pools.join(', ')}`);
}

async function connectNative(options: ServerAddress): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    const what = `no Temporal server answers at ${options.address}: ${messageOf(error)}`;
    throw new TrainyardError('TY1901', what, { cause: error });
  }
}

async function createWorker(
  options: RunWorkerOptions,
  connection: NativeConnection,
  registry: Registry,
): Promise<RunnableWorker> {
  const { project: loaded, pool, log } = options;
  const { project, folder, modules } = loaded;
  const namespace = options.namespace ?? loaded.namespace;
  // Trainers are children of this process and share its cache, wherever it was started.
  process.env['TRAINYARD_CACHE'] ??= join(folder, '.trainyard', 'cache', 'artifacts');
  const store = await openStore(loaded.store, { baseFolder: folder });
  await assertConforms(store);
  const payloadCodecs = [guardOf(options)];
  if (pool !== pipelinesPool) {
    const implementations = await loadImplementations<StageImplementation>(loaded);
    const scratchRoot = join(folder, '.trainyard', 'scratch');
    return createPoolWorker({
      project,
      pool,
      implementations,
      store,
      scratchRoot,
      projectFolder: folder,
      connection,
      namespace,
      payloadCodecs,
      ...(options.production && { maxPayloadBytes: serverPayloadBytes }),
      registry,
      log,
    });
  }
  const bundle = await bundleWorkflows({
    workflowsPath: modules.workflows,
    cacheFolder: join(folder, '.trainyard', 'cache', 'bundles'),
    logger: temporalLogger(log),
  });
  log.debug({ buildId: bundle.sha256.slice(0, 16), cached: bundle.cached }, 'workflow bundle');
  const ofClient = await Connection.connect(options.connection);
  const client = new Client({ connection: ofClient, namespace });
  const { worker, run } = await createPipelinesWorker({
    project,
    bundle,
    connection,
    client,
    payloadCodecs,
    store,
    signer: openSigner(folder),
    trusted: trustedKeys(folder),
    schedules: await loadSchedules(loaded),
    searchAttributes: await knownAttributes(ofClient, namespace),
    ...(options.production && { production: true }),
  });
  return { worker, run: () => run().finally(() => ofClient.close()) };
}

function guardOf({ production, log }: RunWorkerOptions): PayloadCodec {
  return payloadGuard(
    production
      ? {
          onLarge: 'warn',
          warn: (sentence) => {
            log.warn(sentence);
          },
        }
      : { onLarge: 'fail' },
  );
}

function drainOnSignal(worker: Worker, log: Logger): () => void {
  let drained = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (drained) process.exit(128 + constants.signals[signal]); // as a shell says of a signal
    drained = true;
    log.info(
      { signal },
      'draining: attempts save a checkpoint and go elsewhere; a second signal ends this process at once',
    );
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return () => {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  };
}

/** An engine of its own, the workers of the bench's project in processes of their own, and a client; gone afterwards. @module */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { openStore } from '../src/artifacts/open-store.js';
import type { ArtifactStore } from '../src/artifacts/store.js';
import { type LocalStack, startLocalStack } from '../src/cli/local-stack.js';
import { connect } from '../src/client/connect.js';
import { PipelineClient } from '../src/client/pipeline-client.js';
import { loadProject } from '../src/config/load-project.js';
import { type ConnectedEngine, connectEngine } from '../src/engine/connect-engine.js';

/** What a bench of running pipelines works with. */
export interface BenchStack {
  readonly engine: ConnectedEngine;
  readonly client: Client;
  readonly pipelines: PipelineClient;
  /** The workers' store. */
  readonly store: ArtifactStore;
  readonly stack: LocalStack;
  /** Where the project's keys are. */
  readonly projectFolder: string;
}

const configFolder = fileURLToPath(new URL('./project', import.meta.url));

/** Runs `work` beside a worker for each of `pools`; those of `mayDie` may end before it does. Their store is a new folder, unless a uri names another. */
export async function withStack<Result>(
  pools: readonly string[],
  work: (stack: BenchStack) => Promise<Result>,
  mayDie: readonly string[] = [],
  uri?: string,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-'));
  // The workers' store: see project/trainyard.config.ts.
  const artifacts = uri ?? `file:${join(folder, 'artifacts')}`;
  process.env['TRAINYARD_BENCH_STORE'] = artifacts;
  const store = await openStore(artifacts, { baseFolder: folder });
  const engine = await connectEngine({ projectFolder: folder, namespace: 'bench' });
  try {
    const project = await loadProject({ folder: configFolder });
    const stack = await startLocalStack({ project, configFolder, engine, pools, serve: false, mayDie });
    const client = await connect({ ...engine.connection, namespace: engine.namespace });
    const done = new AbortController();
    const interrupted = once(process, 'SIGINT', { signal: done.signal }).then(() => {
      throw new Error('interrupted');
    });
    try {
      const pipelines = new PipelineClient({ client, project: project.project.name });
      return await Promise.race([
        work({ engine, client, pipelines, store, stack, projectFolder: project.folder }),
        stack.broken,
        interrupted,
      ]);
    } finally {
      interrupted.catch(() => undefined);
      done.abort();
      await client.connection.close();
      await stack.stop();
    }
  } finally {
    await engine.release();
    await rm(folder, { recursive: true });
  }
}

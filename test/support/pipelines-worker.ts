/** A pipelines worker in this process, on the test run's server. @module */
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { signerOf } from '../../src/records/signing.js';
import { bundleWorkflows, type CachedBundle } from '../../src/worker/bundle.js';
import { createPipelinesWorker, type PipelinesWorkerOptions } from '../../src/worker/create-pipelines-worker.js';
import { type TestEngine, testEngine } from './engine.js';

/** One key for a whole test run. */
export const testSigner = signerOf(generateKeyPairSync('ed25519').privateKey);

/** A worker that runs. */
export interface RunningPipelinesWorker {
  readonly bundle: CachedBundle;
  stop(): Promise<void>;
}

/** Starts one on the workflows of a module, given by its url; what else it stands on has defaults: a store in memory, a key of the tests. */
export async function startPipelinesWorker(
  workflows: URL,
  options: Pick<PipelinesWorkerOptions, 'project'> & Partial<PipelinesWorkerOptions>,
  engine?: Pick<TestEngine, 'client' | 'native'>,
): Promise<RunningPipelinesWorker> {
  const { client, native } = engine ?? (await testEngine());
  const bundle = await bundleWorkflows({
    workflowsPath: fileURLToPath(workflows),
    cacheFolder: join(tmpdir(), 'trainyard-test-bundles'),
    logger: new DefaultLogger('ERROR'),
  });
  const { worker, run } = await createPipelinesWorker({
    bundle,
    connection: native,
    client,
    payloadCodecs: [],
    store: new MemoryStore(),
    signer: testSigner,
    ...options,
  });
  const running = run();
  return {
    bundle,
    stop: async () => {
      worker.shutdown();
      await running;
    },
  };
}

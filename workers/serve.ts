/** A worker for a container or a service unit: everything comes from the environment, errors are one line. @module */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { loadProject } from '../src/config/load-project.js';
import { messageOf } from '../src/contracts/errors.js';
import { runWorker } from '../src/worker/run-worker.js';
import { workerLog } from '../src/worker/worker-log.js';

/**
 * Serves a pool until a signal. Environment: TRAINYARD_PROJECT (folder), TRAINYARD_ENV (environment), TRAINYARD_HEALTH_PORT,
 * and Temporal's own TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE …
 */
export async function serve(pool: string): Promise<void> {
  try {
    const environment = process.env['TRAINYARD_ENV'];
    const project = await loadProject({ environment });
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const { address = 'localhost:7233', tls, apiKey, metadata } = connectionOptions;
    await runWorker({
      project,
      pool,
      connection: { address, tls, metadata, ...(typeof apiKey === 'string' && { apiKey }) },
      namespace: namespace ?? project.namespace,
      healthPort: Number(process.env['TRAINYARD_HEALTH_PORT'] ?? 0),
      production: environment !== undefined,
      log: workerLog({ project: project.project.name, pool }),
    });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** `trainyard/worker`: worker processes of a project's pools and pipelines, for entry points of one's own. @module */
export { type LoadedProject, loadProject } from '../config/load-project.js';
export { bundleWorkflows, type CachedBundle } from './bundle.js';
export { createPipelinesWorker, type PipelinesWorkerOptions } from './create-pipelines-worker.js';
export { createPoolWorker, type PoolWorker, type PoolWorkerOptions } from './create-pool-worker.js';
export { runWorker, type RunWorkerOptions, type ServerAddress } from './run-worker.js';
export { workerLog } from './worker-log.js';

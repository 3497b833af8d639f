/** `trainyard/server`: the model server, inside a program of one's own. @module */
export { type ModelServer, type ModelServerOptions, startModelServer } from './model-server.js';
export type { BatchLimits } from './revisions.js';

/** `trainyard/testing`: stages without an engine, histories against code. @module */
export type { Divergence } from './divergence.js';
export { type Replay, replayAll } from './replay-all.js';
export { runStage, type RunStageOptions, type StageRun } from './run-stage.js';

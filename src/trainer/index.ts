/** `trainyard/trainer`: the code of a stage that runs in a process of its own. @module */
export type { LatestCheckpoint, StageContext } from '../context/stage-context.js';
export { type Evidence, StageFailure } from '../context/stage-failure.js';
export { type ContextOf, defineTrainer, type ResultOf, type Trainer } from './define-trainer.js';

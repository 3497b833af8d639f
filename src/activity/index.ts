/** `trainyard/activity`: gives stage contracts their code. @module */
export type { LatestCheckpoint, StageContext } from '../context/stage-context.js';
export { type Evidence, StageFailure } from '../context/stage-failure.js';
export type { ContextOf, ResultOf } from '../trainer/define-trainer.js';
export { python } from '../trainer/python.js';
export { torchrun } from '../trainer/torchrun.js';
export type { TrainerCommand } from '../trainer/trainer-command.js';
export { implementStage, type StageImplementation } from './implement-stage.js';

/** `trainyard/activity`: gives stage contracts their code. @module */
export type { StageContext } from '../context/stage-context.js';
export { python } from '../trainer/python.js';
export { torchrun } from '../trainer/torchrun.js';
export { implementStage, type StageImplementation } from './implement-stage.js';

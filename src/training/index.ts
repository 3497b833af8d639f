/** `trainyard/training`: networks trained and scored on ONNX Runtime. @module */
export type { BatchPosition } from '../data/data-access.js';
export {
  dropoutMask,
  type RandomAddress,
  randomNormal,
  randomPermutation,
  randomUint32,
  randomUniform,
} from '../data/philox.js';
export type { CheckpointEvery } from './checkpoint-clock.js';
export type { Batch, BatchData } from './feeds.js';
export { type ForwardModel, forwardModel } from './forward-model.js';
export { type DropoutMask, Layers, type Network, type Parameter } from './layers.js';
export {
  type LoopBatch,
  type LoopContext,
  type LoopOptions,
  type LoopResult,
  type LoopStart,
  trainLoop,
  type Validation,
} from './loop.js';
export {
  binaryCrossEntropy,
  type ClassWeights,
  huber,
  type Loss,
  type LossInputs,
  meanSquaredError,
  softmaxCrossEntropy,
} from './losses.js';
export type { Numerics, Provider } from './numerics.js';
export { adam, type AdamOptions, adamW, type Optimiser, sgd, type Update } from './optimisers.js';
export { constantRate, cosineRate, type Schedule, warmUp } from './schedules.js';
export { openScorer, type Scorer } from './scorer.js';
export type { StepResult } from './step-runner.js';
export { decodeTensors, encodeTensors, tensorPieces, type Tensors } from './tensor-file.js';
export {
  createTrainStep,
  type Evaluation,
  type TrainState,
  type TrainStep,
  type TrainStepOptions,
} from './train-step.js';

/** `trainyard/workflow`: what pipeline code calls, inside Temporal's sandbox. @module */
export type { Decision, PolicyDecision } from '../contracts/approvals.js';
export type { ApprovalOptions, AskForApproval, PolicyApprovalOptions } from './approvals.js';
export { implementLoop, type LoopRun, type LoopSteps, type NewCandidate, type RollOutEnd } from './implement-loop.js';
export { implementPipeline, type PipelineBody, type PipelineRun } from './implement-pipeline.js';
export type { StageCallOptions } from './call-stage.js';
export { mapStage, type MapOptions } from './map-stage.js';
export { rollOut, type RollOutOptions } from './roll-out.js';
export type { RolledOut } from '../contracts/roll-out.js';
export { registerModel, rollBackAlias, setAlias } from './models.js';
export { proxyStages, type StageProxy } from './proxy-stages.js';

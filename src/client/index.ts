/** `trainyard/client`: starts, finds and talks to runs. @module */
export { connect, type ConnectOptions } from './connect.js';
export type { ChangeOptions } from './change-entity.js';
export { type ModelEvent, ModelReader } from './model-reader.js';
export { type AliasOptions, ModelRegistry } from './model-registry.js';
export { trustedKeys, type TrustedKeys } from '../records/signing.js';
export type { AliasAsOf, RegisteredVersion } from '../records/model-heads.js';
export { keepOwn } from '../reports/keep-own.js';
export { EndpointReader, Endpoints, type NewRevision } from './endpoints.js';
export { type LoopHead, Loops, type LoopsOptions } from './loops.js';
export { attemptStory } from './attempt-story.js';
export { type PipelineClientOptions, PipelineClient, type RunSummary, type StartOptions } from './pipeline-client.js';
export type { RunStatus, StageStatus, WaitingForPlace } from './run-status.js';
export type { DecisionOptions } from './decide.js';
export type { AskedApproval } from './open-approvals.js';
export { failureOf, type Run } from './run.js';
export type { Schedule } from './schedule.js';
export type { ScheduleStatus } from './schedule-status.js';
export type { Verification } from './verify-schedule.js';

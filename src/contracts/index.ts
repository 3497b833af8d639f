/** `trainyard`: contracts, refs and errors. Loads anywhere, the workflow sandbox included. @module */
export type { AdaptableClass, Adaptation, Adaptations, Adapted } from './adaptations.js';
export type { ApprovalPolicy, ApprovalPolicyOptions } from './approval-policy.js';
export type { Limits } from './budget.js';
export type {
  AlertmanagerSinkOptions,
  AlertSinkOptions,
  ServiceNowSinkOptions,
  WebhookSinkOptions,
} from './alert-sinks.js';
export { Alert, AlertSeverity, Delivery } from './alerts.js';
export { Column, columnsOf, type RowSchema } from './columns.js';
export { defineMonitor, type DeploymentMonitor, type MonitorDefinition } from './define-monitor.js';
export { defineLoop, type LoopContract, type LoopOptions } from './define-loop.js';
export {
  type Approvals,
  definePipeline,
  type PipelineContract,
  type PipelineInput,
  type PipelineOptions,
  type PipelineOutput,
  type Stages,
} from './define-pipeline.js';
export {
  defineProject,
  type EnvironmentName,
  type EnvironmentOptions,
  type ModelPolicyOptions,
  type PoolName,
  type PoolOptions,
  type Project,
  type ProjectModules,
  type ProjectOptions,
  type Register,
  type SecretName,
  type TenantOptions,
} from './define-project.js';
export type { CalendarOptions, ClockTimes } from './calendar.js';
export { defineSchedule, type ScheduleDefinition, type ScheduleOptions, type Slice } from './define-schedule.js';
export {
  type CheckpointMigrations,
  type CheckpointsKept,
  defineStage,
  type StageContract,
  type StageInput,
  type StageLimits,
  type StageOptions,
  type StageOutput,
  type StageState,
} from './define-stage.js';
export { type Duration, toMilliseconds } from './duration.js';
export type { MemorySize } from './memory-size.js';
export { type ErrorCode, errorCodes, TrainyardError } from './errors.js';
export { type FailureClass, failureClasses } from './failure-classes.js';
export type { Json, JsonObjectSchema, JsonSchema } from './json-schema.js';
export { LookOutcome, MonitorLook } from './monitor-looks.js';
export { Candidate, Comparison, LoopRound, RoundOutcome } from './loop-rounds.js';
export { ColumnStatistics, DatasetManifest, ModelManifest } from './manifests.js';
export {
  Annotation,
  CardSection,
  type EvaluationOfModel,
  ModelVersion,
  type NewModelVersion,
} from './model-version.js';
export type { PriorityLevel, RunPriority } from './priority.js';
export { DatasetRef, ListRef, ModelRef, Ref, ReportRef, Sha256 } from './refs.js';
export type { OidcOptions, PersonOptions, WebhookOptions } from './people.js';
export { fromEnv, type SecretSource } from './secrets.js';
export { TrainingState } from './training-state.js';

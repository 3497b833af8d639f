/** `trainyard/stages`: the standard stages as contracts, over the row schema of a project. Loads anywhere. @module */
export { type ColumnName } from './column-name.js';
export { type CompareContract, compareStage } from './compare.js';
export { type DeployContract, type DeployOptions, DeploymentResult, deployStage } from './deploy.js';
export { ColumnDrift, DriftReport, DriftThresholds } from './drift-report.js';
export { type EvaluateContract, evaluateStage, type Evaluation } from './evaluate.js';
export {
  ClassificationMetrics,
  ClassificationReport,
  RegressionMetrics,
  RegressionReport,
} from './evaluation-report.js';
export { type IngestContract, type IngestOptions, ingestStage, RejectReport } from './ingest.js';
export { type MonitorContract, Monitoring, monitorStage } from './monitor.js';
export { type ReadTrafficContract, readTrafficStage, RequestCounts } from './read-traffic.js';
export {
  type Seen,
  type StandardFinding,
  standardFindings,
  type StandardLimits,
  unseenFindings,
} from './standard-findings.js';
export type { StandardOptions, TargetOptions } from './standard-stage.js';
export { type Task, type TaskOf } from './task.js';
export { Splits, TableSource } from './table-source.js';
export { type TrainTabularContract, trainTabularStage } from './train-tabular.js';
export { validateStage } from './validate.js';
export { ErrorWatch, type WatchErrorsContract, watchErrorsStage } from './watch-errors.js';

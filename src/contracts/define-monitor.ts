/** A monitor contract: what is looked at, how often, and who hears of it. @module */
import { parseOrThrow } from './contract-violation.js';
import { definePipeline, type PipelineContract, type Stages } from './define-pipeline.js';
import { type Duration, toMilliseconds } from './duration.js';
import { LookOutcome, MonitorLook } from './monitor-looks.js';
import { MonitorPolicy } from './monitor-state.js';

/** What `defineMonitor` takes beside the name. */
export interface MonitorDefinition<Used extends Stages> {
  /** The stages that its looks call. */
  readonly stages: Used;
  /** What is looked at. */
  readonly endpoint: string;
  /** From the beginning of a look to that of the next one. */
  readonly every: Duration;
  /** So many looks in a row must find nothing before an alert is closed. @default 2 */
  readonly closeAfter?: number;
  /** The retraining loop that hears of labels, and of findings whose name ends in `Drift`. @default none */
  readonly loop?: string;
  /** One sentence for `--help` and Temporal's UI. */
  readonly description?: string;
}

/** A monitor contract. */
export interface DeploymentMonitor<Name extends string = string, Used extends Stages = Stages> {
  readonly name: Name;
  /** Of its looks, each of which is a run. */
  readonly pipeline: PipelineContract<Name, typeof MonitorLook, typeof LookOutcome, Used, never, never>;
  readonly stages: Used;
  readonly policy: MonitorPolicy;
}

/**
 * Declares a monitor contract. Its looks are a pipeline: `implementPipeline(contract.pipeline).with(…)`, exported under the contract's name.
 * @throws TrainyardError TY1001 for a span that is none, TY1003 for a policy that cannot be, TY1006 for a bad name.
 * @example
 * export const churnMonitor = defineMonitor('churnMonitor', {
 *   stages: { ingest, monitor, watchErrors },
 *   endpoint: 'churn',
 *   every: '1 hour',
 *   loop: 'churnRetraining',
 * });
 */
export function defineMonitor<const Name extends string, Used extends Stages>(
  name: Name,
  options: MonitorDefinition<Used>,
): DeploymentMonitor<Name, Used> {
  const { stages, endpoint, every, closeAfter = 2, loop, description } = options;
  const pipeline = definePipeline(name, {
    input: MonitorLook,
    output: LookOutcome,
    stages,
    description: description ?? `A look of the monitor ${name}`,
  });
  const policy = { workflow: name, endpoint, everyMs: toMilliseconds(every), closeAfter, loop, settings: {} };
  return { name, pipeline, stages, policy: parseOrThrow(MonitorPolicy, policy, `monitor ${name}: policy`) };
}

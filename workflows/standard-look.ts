/** A look of a monitor with nothing left to write: drift of data, answers and errors, latency, failures, groups, by declared limits. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import type { LookOutcome, MonitorLook } from '../src/contracts/monitor-looks.js';
import type { Ref } from '../src/contracts/refs.js';
import type { Monitoring } from '../src/stages/monitor.js';
import type { RequestCounts } from '../src/stages/read-traffic.js';
import { standardFindings, type StandardLimits, unseenFindings } from '../src/stages/standard-findings.js';
import type { ErrorWatch } from '../src/stages/watch-errors.js';

/** The stages of a standard look, as `proxyStages` gives them. */
export interface StandardStages<Model, Dataset, Asked, Column extends string> {
  readTraffic(input: {
    readonly endpoint: string;
    readonly place?: Ref;
    readonly atLeast?: number;
    readonly timeColumn?: Column;
  }): Promise<{
    readonly dataset: Dataset | null;
    readonly asked: Asked | null;
    readonly model: Model | null;
    readonly asOf: string | null;
    readonly labelled: number;
    readonly requests: RequestCounts;
    readonly place: Ref;
  }>;
  watchErrors(input: {
    readonly model: Model;
    readonly dataset: Dataset;
    readonly groups?: Column[];
    readonly detectors?: Ref;
  }): Promise<ErrorWatch>;
  monitor(input: {
    readonly model: Model;
    readonly reference: { readonly dataset: Dataset; readonly split?: string };
    readonly batch: { readonly dataset: Asked; readonly split: string };
    readonly columns?: Column[];
  }): Promise<Monitoring>;
}

/** What a standard look is told beside its stages. */
export interface StandardLookOptions<Model, Dataset, Column extends string> {
  /** What the model that is served was fitted on, or whatever else traffic is to look like; the split `train` where none is named. */
  reference(
    look: MonitorLook,
    model: Model,
  ):
    | Promise<{ readonly dataset: Dataset; readonly split?: string }>
    | { readonly dataset: Dataset; readonly split?: string };
  /** Columns that are compared. @default those that the model takes */
  readonly columns?: readonly Column[];
  /** Columns whose values must be treated alike; classifiers only. @default none */
  readonly groups?: readonly Column[];
  /** A timestamp by which labels are told to the retraining loop, where rows are of another time than their answers. @default that of the answers */
  readonly timeColumn?: Column;
  /** Fewer rows wait for the next look: distances between a few rows are mostly chance. @default 200 */
  readonly leastRows?: number;
  readonly limits?: StandardLimits;
}

/** What a look gives. */
type Outcome = Omit<LookOutcome, 'figures'> & { readonly figures: Record<string, number> };

/**
 * The looks of a monitor by declared limits: of `standardFindings` all that is wrong becomes a finding. Fails where the endpoint serves no model
 * that fits the row of `readTraffic`.
 * @example
 * const stages = proxyStages(contracts.churnMonitor.stages);
 * export const churnMonitor = implementPipeline(contracts.churnMonitor.pipeline).with(
 *   standardLook(stages, { reference: ({ settings }) => Reference.parse(settings), groups: ['region'], limits: { errorRate: 0.02 } }),
 * );
 */
export function standardLook<Model extends Ref, Dataset extends Ref, Asked, Column extends string>(
  stages: StandardStages<Model, Dataset, Asked, Column>,
  options: StandardLookOptions<Model, Dataset, Column>,
): (run: unknown, look: MonitorLook) => Promise<Outcome> {
  const { columns, groups = [], leastRows = 200, limits, timeColumn } = options;
  return async (_run, look) => {
    const { endpoint, cursor, at } = look;
    const traffic = await stages.readTraffic({
      endpoint,
      atLeast: leastRows,
      ...(look.place && { place: look.place }),
      ...(timeColumn !== undefined && { timeColumn }),
    });
    const { dataset, asked, model, requests, place, labelled, asOf } = traffic;
    if (model === null)
      throw ApplicationFailure.nonRetryable(`${endpoint} serves no model that fits the row of readTraffic`);
    const reference = asked && (await options.reference(look, model));
    const [drift, errors] = await Promise.all([
      asked && reference
        ? stages.monitor({
            model,
            reference,
            batch: { dataset: asked, split: 'batch' },
            ...(columns && { columns: [...columns] }),
          })
        : undefined,
      dataset
        ? stages.watchErrors({
            model,
            dataset,
            groups: [...groups],
            ...(look.detectors && { detectors: look.detectors }),
          })
        : undefined,
    ]);
    const seen = { endpoint, requests, drift, errors, labelled: dataset ?? undefined };
    return {
      findings: standardFindings(seen, limits),
      unseen: unseenFindings(seen, limits),
      cursor: asOf ?? cursor ?? at,
      place,
      ...(errors && { detectors: errors.detectors }),
      ...(asOf !== null && { labels: { rows: labelled, asOf } }),
      figures: figuresOf(requests, drift, errors),
      ...(drift && { report: drift.report }),
    };
  };
}

function figuresOf(
  { total, errors: failed, latencyMs }: RequestCounts,
  drift: Monitoring | undefined,
  errors: ErrorWatch | undefined,
): Record<string, number> {
  return {
    requests: total,
    failed,
    ...(latencyMs && { p99Ms: latencyMs.p99 }),
    ...(drift && { psi: drift.worst.psi, predictionPsi: drift.prediction.psi }),
    ...(errors && { labelled: errors.rows, meanError: errors.meanError }),
  };
}

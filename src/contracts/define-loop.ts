/** A loop contract: how a model is kept good, and what may be decided about it without a person. @module */
import type { ApprovalPolicyOptions } from './approval-policy.js';
import { type Duration, toMilliseconds } from './duration.js';
import { definePipeline, type PipelineContract, type Stages } from './define-pipeline.js';
import type { RolloutTerms } from './roll-out.js';
import { LoopRound, RoundOutcome } from './loop-rounds.js';
import { LoopGate, LoopPolicy } from './loop-policy.js';
import { parseOrThrow } from './contract-violation.js';

/** What `defineLoop` takes beside the name. */
export interface LoopOptions<Used extends Stages> {
  /** The stages that its rounds call. */
  readonly stages: Used;
  /** Where the champion is served. */
  readonly endpoint: string;
  /** The model of the registry whose versions its challengers become; `champion` is what it serves. @default the endpoint's name */
  readonly model?: string;
  /** How a challenger meets the endpoint's callers. @default shadow, 5 %, 25 %, 100 %, as docs/rollout.md says */
  readonly rollout?: RolloutTerms;
  /** What starts a training; a person always can. */
  readonly triggers: {
    /** So long after the training before. */
    readonly every?: Duration;
    /** After so many rows whose labels have come in since the training before. */
    readonly rows?: number;
    /** @default true: what a monitor finds */
    readonly drift?: boolean;
  };
  readonly window: {
    /** Rows to train on, back from the fresh ones. @default all of them */
    readonly train?: Duration;
    /** The newest rows, kept from the training: challenger and champion are compared on them. */
    readonly fresh: Duration;
  };
  readonly gate: {
    /** The interval of the gain must lie above it: in the metric's unit. @default 0 */
    readonly margin?: number;
    /** How much groups may differ in the share of positive answers or in error rates. @default any */
    readonly maxGroupDifference?: number;
    /** The challenger's time for a row, as a multiple of the champion's. @default any */
    readonly maxLatencyRatio?: number;
  };
  /** Who allows a promotion, and in what time. @default nobody is asked */
  readonly approval?: ApprovalPolicyOptions;
  /** What triggers within so long of the first one is one training. @default '10 minutes' */
  readonly debounce?: Duration;
  /** The least time between the beginnings of two trainings. @default '1 hour' */
  readonly coolDown?: Duration;
  /** At most so many trainings in any period of this length. @default any number */
  readonly budget?: { readonly trainings: number; readonly per: Duration };
  /** So many times after a promotion the champion is compared with the one before, as fresh labels come in. @default 1 */
  readonly probation?: number;
  /** One sentence for `--help` and Temporal's UI. */
  readonly description?: string;
}

/** A loop contract. */
export interface LoopContract<Name extends string = string, Used extends Stages = Stages> {
  readonly name: Name;
  /** Of its rounds, each of which is a run. */
  readonly pipeline: PipelineContract<Name, typeof LoopRound, typeof RoundOutcome, Used, 'promotion', 'promotion'>;
  readonly stages: Used;
  readonly policy: LoopPolicy;
}

/**
 * Declares a loop contract; `implementLoop` brings its steps.
 * @throws TrainyardError TY1001 for a span that is none, TY1003 and TY2201 for a policy that cannot be, TY1006 for a bad name.
 * @example
 * export const churnRetraining = defineLoop('churnRetraining', {
 *   stages: { ingest, train, compare, deploy },
 *   endpoint: 'churn',
 *   triggers: { every: '30 days', rows: 20_000 },
 *   window: { train: '365 days', fresh: '7 days' },
 *   gate: { margin: 0.005 },
 *   budget: { trainings: 4, per: '30 days' },
 * });
 */
export function defineLoop<const Name extends string, Used extends Stages>(
  name: Name,
  options: LoopOptions<Used>,
): LoopContract<Name, Used> {
  const { stages, endpoint, triggers, window, gate, budget, probation = 1, description } = options;
  const { debounce = '10 minutes', coolDown = '1 hour', approval, model = endpoint, rollout = {} } = options;
  const pipeline = definePipeline(name, {
    input: LoopRound,
    output: RoundOutcome,
    stages,
    approvals: { promotion: approval ?? { expiresIn: '7 days' } },
    description: description ?? `A round of the loop ${name}`,
  });
  const policy = {
    workflow: name,
    endpoint,
    model,
    rollout,
    triggers: { everyMs: optionalMs(triggers.every), rows: triggers.rows, drift: triggers.drift ?? true },
    window: { trainMs: optionalMs(window.train), freshMs: toMilliseconds(window.fresh) },
    debounceMs: toMilliseconds(debounce),
    coolDownMs: toMilliseconds(coolDown),
    budget: budget && { trainings: budget.trainings, perMs: toMilliseconds(budget.per) },
    gate: parseOrThrow(LoopGate, { margin: 0, ...gate }, `loop ${name}: gate`),
    approval: approval !== undefined,
    probation,
    settings: {},
  };
  return { name, pipeline, stages, policy: parseOrThrow(LoopPolicy, policy, `loop ${name}: policy`) };
}

function optionalMs(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : toMilliseconds(duration);
}

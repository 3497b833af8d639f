/** What a retraining loop may do by itself: when it trains, on what, how often, and what a challenger must show. @module */
import { z } from 'zod';
import { ModelName } from './model-registry.js';
import { RolloutLimits, RolloutPlan } from './rollouts.js';

const ms = z.int().nonnegative();
const share = z.number().min(0).max(1);

/** What a challenger must show against the champion on the same fresh rows. */
export const LoopGate = z.object({
  /** The interval of the gain must lie above it: in the metric's unit, greater is stricter. */
  margin: z.number().nonnegative(),
  /** How much two groups' rates of positive answers or of errors may differ, by the worst of the columns that `compare` looks at. */
  maxGroupDifference: share.optional(),
  /** The challenger's time for a row, as a multiple of the champion's. */
  maxLatencyRatio: z.number().positive().optional(),
});
export type LoopGate = z.output<typeof LoopGate>;

/** How a challenger meets the endpoint's callers; what is left out has the defaults of rollouts. */
export const LoopRollout = z.object({
  steps: RolloutPlan.shape.steps.optional(),
  limits: RolloutLimits.partial().optional(),
  lookEvery: RolloutPlan.shape.lookEvery.optional(),
});
export type LoopRollout = z.output<typeof LoopRollout>;

/** The policy of a loop, as its head keeps it: spans in milliseconds. */
export const LoopPolicy = z.object({
  /** The Workflow type of its rounds. */
  workflow: z.string().max(63),
  /** Where the champion is served. */
  endpoint: z.string().max(100),
  /** Where its challengers are registered. Absent from loops that were declared before there was a registry in them: those register nothing. */
  model: ModelName.optional(),
  rollout: LoopRollout.optional(),
  triggers: z.object({
    /** A training so long after the one before. */
    everyMs: ms.positive().optional(),
    /** A training after so many rows whose labels have come in since the one before. */
    rows: z.int().positive().optional(),
    /** Whether what a monitor finds starts a training. */
    drift: z.boolean(),
  }),
  window: z.object({
    /** Rows to train on, back from the fresh ones; all of them where it is not said. */
    trainMs: ms.positive().optional(),
    /** The newest rows, which no model was trained on: challenger and champion are compared on them. */
    freshMs: ms.positive(),
  }),
  /** What triggers within so long of the first one is one training. */
  debounceMs: ms,
  /** The least time between the beginnings of two trainings. */
  coolDownMs: ms,
  /** At most so many trainings in any period of this length. */
  budget: z.object({ trainings: z.int().positive().max(100), perMs: ms.positive() }).optional(),
  gate: LoopGate,
  /** Whether people allow a promotion: by the policy of `promotion` in the rounds' contract. */
  approval: z.boolean(),
  /** So many times after a promotion the champion is compared with the one before, as fresh labels come in. */
  probation: z.int().nonnegative().max(100),
  /** Whatever its rounds need to know of the place where they run, like the paths of tables: whoever declares the loop says it. */
  settings: z.record(z.string().max(60), z.json()),
});
export type LoopPolicy = z.output<typeof LoopPolicy>;

/** Rollouts: a new revision meets more and more of an endpoint's requests, judged at every step, and goes back by itself. @module */
import { z } from 'zod';
import { Claim } from './actors.js';
import { EndpointRevision } from './endpoints.js';
import { Ref } from './refs.js';
import type { Traffic } from './traffic.js';

/** Kind of the workflow's name: `<project>/trainyard:rollouts/<endpoint>`, so that an endpoint has one at a time. */
export const rolloutKind = 'rollouts';

/** Update that pauses, resumes, promotes or aborts: takes a {@link RolloutCommand}, answers when it is taken. */
export const rolloutUpdate = 'trainyard-rollout';

/** Memo field with the {@link RolloutBoard}. */
export const rolloutMemo = 'trainyard-rollout';

/** Activity: one look at a step. */
export const judgeRolloutActivity = 'trainyard:judgeRollout';

/** Activity: keeps how a rollout ended, with the figures of every look. */
export const endRolloutActivity = 'trainyard:endRollout';

/** Activity: a revision that is loaded and meets no traffic, compared with its trainer. Takes a {@link TrainerQuestion}. */
export const compareWithTrainerActivity = 'trainyard:compareWithTrainer';

const Share = z.number().gt(0).lt(1);

/** A step holds until so much time has passed and so many requests were answered (or copied), whichever is later. */
const Hold = z.object({
  seconds: z
    .number()
    .min(0)
    .max(30 * 86_400),
  requests: z.int().min(0).max(1e9),
});

/**
 * A step, and when it is over. `shadow`: the new revision listens. `canary`: it answers a share. `full`: it answers everything, and the old one waits,
 * loaded; compared are the old one's figures from an hour before the rollout on, of when it answered everything.
 */
export const RolloutStep = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('shadow'), hold: Hold }),
  z.object({ mode: z.literal('canary'), share: Share, hold: Hold }),
  z.object({ mode: z.literal('full'), hold: Hold }),
]);
export type RolloutStep = z.output<typeof RolloutStep>;

/** When a new revision is worse than the old one. */
export const RolloutLimits = z.object({
  /** The chance, over all looks of a step and all four questions, that a revision that is no worse is taken for worse. */
  alpha: z.number().gt(0).lt(1),
  /** Worse by latency only above this chance that a request of the new one takes longer; 0.5 is no difference. */
  latencySuperiority: z.number().min(0.5).lt(1),
  /** Answers differ only above this population stability index. */
  driftPsi: z.number().min(0),
  /**
   * Less accurate only where the share of right answers fell by more than this; where answers are quantities, where the chance that the new one's is
   * farther off is greater than 0.5 by more than this.
   */
  accuracyDrop: z.number().min(0).lt(1),
  /**
   * In a `full` step shares (of errors, of right answers) have to differ by more than this: the old one's are of another time, and what clients ask
   * changes with time.
   */
  fullMargin: z.number().min(0).lt(1).default(0.01),
  /**
   * What a number as answer is, where labels come back: the probability of 1, a class, or a quantity. Where it is left out: a quantity, unless every
   * label is 0, 1, true or false. The largest part of a vector always names a class.
   */
  labels: z.enum(['probability', 'class', 'number']).optional(),
});
export type RolloutLimits = z.output<typeof RolloutLimits>;

/** What is rolled out, how, and who wants it. */
export const RolloutPlan = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/),
  endpoint: z.string(),
  model: Ref,
  version: EndpointRevision.shape.version,
  /** Rows with the trainer's own answers (`ParitySamples`): the revision must give them before it meets any traffic. */
  parity: Ref.optional(),
  steps: z.array(RolloutStep).min(1).max(10),
  limits: RolloutLimits,
  /** Seconds between two looks. */
  lookEvery: z.number().min(0.1).max(3_600),
  by: Claim,
  reason: z.string().min(1).max(1_000),
});
export type RolloutPlan = z.output<typeof RolloutPlan>;

/** Where nothing else is said. */
export const defaultSteps: readonly RolloutStep[] = [
  { mode: 'shadow', hold: { seconds: 300, requests: 500 } },
  { mode: 'canary', share: 0.05, hold: { seconds: 600, requests: 500 } },
  { mode: 'canary', share: 0.25, hold: { seconds: 600, requests: 1_000 } },
  { mode: 'full', hold: { seconds: 600, requests: 2_000 } },
];

/** Likewise. */
export const defaultLimits: RolloutLimits = {
  alpha: 0.05,
  latencySuperiority: 0.65,
  driftPsi: 0.25,
  accuracyDrop: 0,
  fullMargin: 0.01,
};

/** A hand on a rollout. */
export const RolloutCommand = z.object({
  verb: z.enum(['pause', 'resume', 'promote', 'abort']),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1_000),
});
export type RolloutCommand = z.output<typeof RolloutCommand>;

/** One test of a look. */
export const RolloutTest = z.object({
  about: z.enum(['errors', 'latency', 'answers', 'accuracy']),
  /** Of the test, as in src/statistics. */
  test: z.string(),
  pValue: z.number(),
  /** A p-value of at most so much counts at this look. */
  level: z.number(),
  /** How far the new one is from the old one, in the unit of the limit. */
  effect: z.number(),
  worse: z.boolean(),
});
export type RolloutTest = z.output<typeof RolloutTest>;

/** Figures and verdict of a look. */
export const RolloutLook = z.object({
  step: z.int().nonnegative(),
  look: z.int().positive(),
  at: z.iso.datetime(),
  /** Share of the step that is seen, 0 to 1. */
  seen: z.number(),
  requests: z.object({ before: z.int(), after: z.int() }),
  errors: z.object({ before: z.int(), after: z.int() }),
  tests: z.array(RolloutTest),
  verdict: z.enum(['going', 'good', 'bad']),
  because: z.string(),
});
export type RolloutLook = z.output<typeof RolloutLook>;

/** What a look is asked for. */
export interface LookRequest {
  readonly plan: Pick<RolloutPlan, 'id' | 'endpoint' | 'limits'>;
  readonly step: number;
  readonly look: number;
  readonly hold: RolloutStep['hold'];
  readonly traffic: Traffic;
  /** The old revision and the new one. */
  readonly revisions: { readonly before: number; readonly after: number };
  readonly sinceMs: number;
  /** In a `full` step: since when the old one's figures count. */
  readonly earlierMs?: number;
  /** Generation from which on the step's traffic holds; undefined at its first look. */
  readonly generation: number | undefined;
  readonly seenBefore: number;
}

/** What came of it. */
export type LookOutcome =
  { readonly kind: 'overtaken' } | { readonly kind: 'looked'; readonly generation: number; readonly look: RolloutLook };

/** A revision to be compared with its trainer. */
export interface TrainerQuestion {
  readonly endpoint: string;
  readonly revision: number;
  readonly model: Ref;
  readonly parity: Ref;
}

/** What came of it; `waits`: no server has loaded it yet. */
export type TrainerComparison =
  | { readonly kind: 'waits' }
  | { readonly kind: 'agrees'; readonly rows: number; readonly maxAbsDifference: number }
  | { readonly kind: 'differs'; readonly because: string };

/** How a rollout ended. */
export const RolloutOutcome = z.enum(['promoted', 'rolledBack', 'aborted', 'overtaken', 'refused']);
export type RolloutOutcome = z.output<typeof RolloutOutcome>;

/** The end of a rollout, as it is kept. */
export const RolloutEnd = z.object({
  plan: RolloutPlan,
  revision: z.int().positive().nullable(),
  outcome: RolloutOutcome,
  because: z.string(),
  at: z.iso.datetime(),
  commands: z.array(RolloutCommand),
  /** The new revision answered nobody any more, and was taken away. */
  withdrawn: z.boolean().default(false),
  /** A JSON list of every look. */
  evidence: Ref,
});
export type RolloutEnd = z.output<typeof RolloutEnd>;

/** What a rollout shows while it runs. */
export interface RolloutBoard {
  readonly id: string;
  readonly endpoint: string;
  readonly revision: number | null;
  /** From 0. */
  readonly step: number;
  readonly steps: number;
  readonly paused: boolean;
  readonly looks: number;
  readonly seen: number;
  readonly because: string;
}

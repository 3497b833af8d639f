/** A round of a retraining loop: what it is given, what the user's stages give it, and how it ends. @module */
import { z } from 'zod';
import { LoopGate, LoopPolicy } from './loop-policy.js';
import { AnyModelRef, Ref, ReportRef } from './refs.js';
import { RolledOut } from './roll-out.js';

/** Why a loop trains. */
export const LoopTrigger = z.object({
  cause: z.enum(['schedule', 'drift', 'rows', 'person']),
  /** Half a sentence: `PSI of temp 5.2`. */
  why: z.string().max(300),
  at: z.iso.datetime(),
  /** Until when there are labelled rows; the time of the trigger where nobody says. */
  asOf: z.iso.datetime().optional(),
});
export type LoopTrigger = z.output<typeof LoopTrigger>;

/** A model as a loop handles it. */
export const Candidate = z.object({
  // What it takes and answers is between the user's own stages, whose contracts check it.
  model: AnyModelRef,
  /** Rows with the trainer's own answers, where the roll-out compares them. */
  parity: Ref.optional(),
  /** What the training says of it, for people: a few numbers. */
  metrics: z.record(z.string().max(60), z.number()).default({}),
  /** Its number in the registry. */
  version: z.int().positive().optional(),
});
export type Candidate = z.output<typeof Candidate>;

const both = <Value extends z.ZodType>(value: Value) => z.object({ challenger: value, champion: value });

/** Two models on the same rows. */
export const Comparison = z.object({
  /** What decides: `auc`, `rmse`. */
  metric: z.string(),
  challenger: z.number(),
  champion: z.number(),
  /** How much better the challenger is, in the metric's unit; below zero where it is worse. */
  gain: z.number(),
  /** Where the gain lies with this confidence. */
  interval: z.object({ lower: z.number(), upper: z.number(), confidence: z.number() }),
  rows: z.int().positive(),
  /** Other metrics of both. */
  others: z.record(z.string(), both(z.number())).default({}),
  /** The greatest difference between two groups of a column: in the share of positive answers, and in error rates. */
  groups: z.array(z.object({ column: z.string(), measure: z.string(), ...both(z.number()).shape })).default([]),
  /** Milliseconds for a single row, the median. */
  latencyMs: both(z.number().nonnegative()).optional(),
  report: ReportRef.of(z.unknown()).optional(),
});
export type Comparison = z.output<typeof Comparison>;

/** What a round is given. */
export const LoopRound = z.object({
  loop: z.string(),
  /** 1, 2, … */
  round: z.int().positive(),
  /** `train` a challenger, or `watch` whether the champion is worse than the one before. */
  purpose: z.enum(['train', 'watch']),
  triggers: z.array(LoopTrigger),
  /** Labelled rows reach until here. */
  asOf: z.iso.datetime(),
  window: z.object({
    /** `from` is absent where all earlier rows are meant. */
    train: z.object({ from: z.iso.datetime().optional(), until: z.iso.datetime() }),
    fresh: z.object({ from: z.iso.datetime(), until: z.iso.datetime() }),
  }),
  endpoint: z.string(),
  /** Where its challenger is registered. */
  model: LoopPolicy.shape.model,
  rollout: LoopPolicy.shape.rollout,
  /** Null in the first round of a loop that was given none. */
  champion: Candidate.nullable(),
  /** The champion before: what a rollback goes back to. */
  previous: Candidate.nullable(),
  gate: LoopGate,
  /** As the loop was declared with them. */
  settings: z.record(z.string(), z.json()),
  /** Whether people are asked before a promotion. */
  approval: z.boolean(),
});
export type LoopRound = z.output<typeof LoopRound>;

/** How a round can end. */
export const LoopVerdict = z.enum([
  'promoted',
  'refused',
  'rejected',
  'expired',
  'rolledBack',
  'aborted',
  'overtaken',
  'kept',
  'failed',
]);
export type LoopVerdict = z.output<typeof LoopVerdict>;

/** What a round ends with. */
export const RoundOutcome = z.object({
  verdict: LoopVerdict,
  /** One sentence that explains it. */
  sentence: z.string().max(600),
  /** The model that was trained. */
  challenger: Candidate.optional(),
  comparison: Comparison.optional(),
  /** How it met the endpoint's callers; its looks are behind `evidence`. */
  rollout: RolledOut.optional(),
});
export type RoundOutcome = z.output<typeof RoundOutcome>;

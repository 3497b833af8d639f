/** Where a loop stands, and what changes it: what its heads keep. @module */
import { z } from 'zod';
import { LoopPolicy } from './loop-policy.js';
import { LoopTrigger, LoopVerdict } from './loop-rounds.js';
import { Ref, Sha256 } from './refs.js';

/** A model in a loop's state; the {@link Candidate} behind it lies in the store, because a model's columns may be many. */
export const StandingModel = z.object({
  model: Sha256,
  /** Its number in the registry. */
  version: z.int().positive().optional(),
  candidate: Ref,
  at: z.iso.datetime(),
  /** The round that made it; null where a person put it there. */
  round: z.int().positive().nullable(),
});
export type StandingModel = z.output<typeof StandingModel>;

/** A round that goes on. */
export const RunningRound = z.object({
  round: z.int().positive(),
  purpose: z.enum(['train', 'watch']),
  triggers: z.array(LoopTrigger),
  startedAt: z.iso.datetime(),
  asOf: z.iso.datetime(),
});
export type RunningRound = z.output<typeof RunningRound>;

/** How a round ended, in one sentence. */
export const LoopDecision = z.object({
  round: z.int().positive(),
  purpose: z.enum(['train', 'watch']),
  at: z.iso.datetime(),
  asOf: z.iso.datetime(),
  verdict: LoopVerdict,
  sentence: z.string(),
  /** Of the model that was trained. */
  model: Sha256.optional(),
  version: z.int().positive().optional(),
  /** Id of its rollout: `trainyard rollout show`. */
  rollout: z.string().optional(),
  /** The whole {@link RoundOutcome}, with the comparison. */
  evidence: Ref.optional(),
});
export type LoopDecision = z.output<typeof LoopDecision>;

/** The state of a loop. */
export const LoopState = z.object({
  /** Null until it is declared. */
  policy: LoopPolicy.nullable(),
  declaredAt: z.iso.datetime().nullable(),
  paused: z.object({ why: z.string(), at: z.iso.datetime() }).nullable(),
  champion: StandingModel.nullable(),
  /** The champion before, where there was one. */
  previous: StandingModel.nullable(),
  /** So many more times the champion is compared with the one before. */
  probation: z.int().nonnegative(),
  /** Rounds begun so far. */
  rounds: z.int().nonnegative(),
  running: RunningRound.nullable(),
  /** What asks for a training: of each cause the newest. */
  waiting: z.array(LoopTrigger),
  /** When the first of them came. */
  waitingSince: z.iso.datetime().nullable(),
  /** Labels until here wait for a look at a champion on probation. */
  watchAsOf: z.iso.datetime().nullable(),
  /** When the trainings of this budget period and the last one began, oldest first. */
  trainings: z.array(z.iso.datetime()),
  /** Rows with labels so far, those at the last training, and until when they reach. */
  rows: z.object({
    seen: z.int().nonnegative(),
    atTraining: z.int().nonnegative(),
    asOf: z.iso.datetime().nullable(),
  }),
  /** The newest, oldest first: all of them are in the heads. */
  decisions: z.array(LoopDecision),
});
export type LoopState = z.output<typeof LoopState>;

/** A wish to change a loop. `begin` and `decide` are its own. */
export const LoopChange = z.discriminatedUnion('kind', [
  /** A new loop, or a new policy of one. `champion`: the model that is served already. */
  z.object({ kind: z.literal('declare'), policy: LoopPolicy, champion: StandingModel.optional() }),
  z.object({ kind: z.literal('pause'), why: z.string().min(1).max(300) }),
  z.object({ kind: z.literal('resume') }),
  /** Asks for a training. */
  z.object({ kind: z.literal('trigger'), trigger: LoopTrigger.omit({ at: true }) }),
  /** Labels came in: rows so far, in all, and until when. */
  z.object({ kind: z.literal('observe'), rows: z.int().nonnegative(), asOf: z.iso.datetime() }),
  /** A person has put a model at the endpoint, past the gate: the loop watches it like one of its own. */
  z.object({ kind: z.literal('adopt'), champion: StandingModel, why: z.string().min(1).max(300) }),
  z.object({ kind: z.literal('begin'), purpose: z.enum(['train', 'watch']) }),
  z.object({
    kind: z.literal('decide'),
    decision: LoopDecision.omit({ at: true, purpose: true, asOf: true }),
    /** The model that was promoted. */
    champion: StandingModel.optional(),
  }),
]);
export type LoopChange = z.output<typeof LoopChange>;

/** What a change answers. */
export const LoopAnswer = z.object({
  /** The round that goes on or was the last one; 0 before the first. */
  round: z.int().nonnegative(),
  /** Half a sentence: what comes of it. */
  note: z.string(),
});
export type LoopAnswer = z.output<typeof LoopAnswer>;

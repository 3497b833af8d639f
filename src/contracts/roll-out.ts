/** What a workflow asks of its worker to roll a model out, and what comes back. @module */
import { z } from 'zod';
import type { Ref } from './refs.js';
import { RolloutEnd, type RolloutLimits, type RolloutPlan, type RolloutStep } from './rollouts.js';

/** Activity on the `pipelines` queue: starts a rollout, unless one of its id was started before, and waits for its end. Takes a {@link RolloutWish}, gives a {@link RolloutAnswer}. */
export const rollOutActivity = 'trainyard:rollOut';

/** Activity on the `pipelines` queue: aborts the rollout of an id if it runs. Takes a {@link RolloutWish} and why. */
export const abortRolloutActivity = 'trainyard:abortRollout';

/** Activity on the `pipelines` queue: the `EndpointState` of an endpoint; null where there never was one. */
export const readEndpointActivity = 'trainyard:readEndpoint';

/** How a model is rolled out; what is left out has the defaults of docs/rollout.md. */
export interface RolloutTerms {
  /** @default shadow, 5 %, 25 %, 100 % */
  readonly steps?: readonly RolloutStep[] | undefined;
  readonly limits?: Partial<RolloutLimits> | undefined;
  /** Seconds between two looks. @default 2 */
  readonly lookEvery?: number | undefined;
}

/** A rollout that a workflow wants, once. */
export interface RolloutWish extends RolloutTerms {
  readonly endpoint: string;
  readonly id: string;
  readonly model: Ref;
  readonly version?: RolloutPlan['version'];
  /** Rows with the trainer's own answers: compared before any traffic. */
  readonly parity?: Ref | undefined;
  readonly by: string;
  readonly reason: string;
}

/** How a rollout ended, as whoever wanted it hears of it. */
export const RolledOut = RolloutEnd.pick({ revision: true, outcome: true, because: true }).extend({
  id: z.string(),
  /** A JSON list of every look; absent where there were none, because nothing was served before. */
  evidence: RolloutEnd.shape.evidence.optional(),
});
export type RolledOut = z.output<typeof RolledOut>;

/** What the worker says of a wish. */
export type RolloutAnswer =
  | { readonly kind: 'ended'; readonly end: RolledOut }
  /** Nothing answers at the endpoint: there is nothing to compare with, and nobody to meet it step by step. */
  | { readonly kind: 'nothingServed' };

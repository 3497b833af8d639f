/** What the workflow of a loop asks of its worker. @module */
import type { LoopDecision, LoopState, StandingModel } from './loop-state.js';

/** Activity on the `pipelines` queue: starts the round that goes on and waits for its end. Takes a {@link RoundRequest}, gives a {@link RoundEnd}. */
export const runRoundActivity = 'trainyard:runRound';

/** The round to be run. */
export interface RoundRequest {
  readonly loop: string;
  /** With a round that goes on. */
  readonly state: Pick<LoopState, 'policy' | 'running' | 'champion' | 'previous'>;
}

/** How it ended. */
export interface RoundEnd {
  readonly decision: Omit<LoopDecision, 'at' | 'purpose' | 'asOf'>;
  readonly champion?: StandingModel;
}

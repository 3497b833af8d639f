/** The workflow of a rollout. @module */
import type { RolloutState } from '../contracts/rollout-state.js';
import type { RolloutEnd } from '../contracts/rollouts.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { runRollout } from '../workflow/run-rollout.js';

/** The workflow `trainyard:rollouts`: one at a time for each endpoint. */
export function rollout(state: RolloutState): Promise<RolloutEnd> {
  return runRollout(state);
}

autoUpgrade(rollout);

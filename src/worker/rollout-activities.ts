/** Activities of rollouts: the comparison with the trainer, looks, and their ends. @module */
import { Context } from '@temporalio/activity';
import type { ArtifactStore } from '../artifacts/store.js';
import {
  compareWithTrainerActivity,
  endRolloutActivity,
  judgeRolloutActivity,
  type LookRequest,
  type RolloutEnd,
  type TrainerQuestion,
} from '../contracts/rollouts.js';
import { keepEnd } from '../records/rollouts.js';
import type { Signer } from '../records/signing.js';
import { compareWithTrainer } from '../rollouts/compare-with-trainer.js';
import { judge } from '../rollouts/judge.js';
import { TrafficSums } from '../rollouts/traffic-sums.js';

/** The activities by name; each may be killed and made again. */
export function rolloutActivities({ store, signer }: { readonly store: ArtifactStore; readonly signer: Signer }) {
  const sums = new TrafficSums(store);
  return {
    [compareWithTrainerActivity]: (question: TrainerQuestion) =>
      compareWithTrainer(store, question, Context.current().cancellationSignal),
    [judgeRolloutActivity]: (request: LookRequest) => judge({ store, sums }, request),
    [endRolloutActivity]: (end: Omit<RolloutEnd, 'evidence' | 'at'>) => keepEnd(store, end, signer),
  };
}

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

const beatMs = 1_000;

/** The activities by name; each may be killed and made again. */
export function rolloutActivities({ store, signer }: { readonly store: ArtifactStore; readonly signer: Signer }) {
  const sums = new TrafficSums(store);
  return {
    [compareWithTrainerActivity]: (question: TrainerQuestion) =>
      beating((signal) => compareWithTrainer(store, question, signal)),
    [judgeRolloutActivity]: (request: LookRequest) => beating(() => judge({ store, sums }, request)),
    [endRolloutActivity]: (end: Omit<RolloutEnd, 'evidence' | 'at'>) => beating(() => keepEnd(store, end, signer)),
  };
}

async function beating<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

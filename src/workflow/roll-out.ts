/** A model in front of an endpoint's callers: step by step where one serves already, straight where none does. @module */
import { CancellationScope, isCancellation, scheduleActivity, sleep, uuid4, workflowInfo } from '@temporalio/workflow';
import { endpoints } from '../contracts/endpoints.js';
import type { ModelRef, Ref } from '../contracts/refs.js';
import {
  abortRolloutActivity,
  type RolledOut,
  rollOutActivity,
  type RolloutAnswer,
  type RolloutTerms,
  type RolloutWish,
} from '../contracts/roll-out.js';
import { compareWithTrainerActivity, type RolloutPlan, type TrainerComparison } from '../contracts/rollouts.js';
import { changeName } from './change-name.js';

/** What {@link rollOut} takes. */
export interface RollOutOptions extends RolloutTerms {
  readonly model: Ref | ModelRef;
  /** Where it is registered. */
  readonly version?: RolloutPlan['version'];
  /** What the train stage left beside the model: it is compared with it before it meets any traffic. */
  readonly parity?: Ref | undefined;
  /** The same id twice is one rollout: give one that a reset of the run does not change. @default one of the call */
  readonly id?: string;
  /** @default the run, by its workflow id */
  readonly by?: string;
  readonly reason: string;
}

/** A rollout is a workflow of its own: this waits for it as long as it takes. */
const waiting = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '30 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
} as const;

const asking = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const;

/** A model that nobody has to wait behind is given so many seconds to be loaded by a server. */
const patienceSeconds = 60;

/**
 * Rolls a model out at an endpoint and gives how that ended: `promoted`, or why not. Waits for another rollout of the endpoint first; aborts its own
 * where the run is cancelled. Where nothing is served yet the model gets all requests at once, and is withdrawn where it differs from its trainer.
 * @example
 * const { outcome, because } = await rollOut('churn', { model, parity, version: { name: 'churn', version }, reason: 'weekly training' });
 */
export async function rollOut(endpoint: string, options: RollOutOptions): Promise<RolledOut> {
  const { id = uuid4(), by = `run ${workflowInfo().workflowId}`.slice(0, 200), model, ...terms } = options;
  const { uri, sha256, sizeBytes } = model;
  const wish: RolloutWish = { ...terms, endpoint, id, by, model: { uri, sha256, sizeBytes } };
  const summary = `rollout ${id} of ${endpoint}`;
  try {
    const answer = await scheduleActivity<RolloutAnswer>(rollOutActivity, [wish], { ...waiting, summary });
    return answer.kind === 'ended' ? answer.end : await deployStraight(wish);
  } catch (error) {
    if (isCancellation(error))
      await CancellationScope.nonCancellable(() =>
        scheduleActivity(abortRolloutActivity, [wish, 'the run that wanted it was cancelled'], { ...asking, summary }),
      );
    throw error;
  }
}

async function deployStraight(wish: RolloutWish): Promise<RolledOut> {
  const { id, endpoint, model, version, parity, by, reason } = wish;
  const change = { kind: 'deploy', model, version, traffic: 'all' } as const;
  const { revision } = await changeName(endpoints, endpoint, change, { by, reason, requestId: `${id}-deploy` });
  const objection = parity && revision !== null && (await objectionOf({ endpoint, revision, model, parity }));
  if (!objection) return { id, revision, outcome: 'promoted', because: 'nothing was served before it' };
  const withdraw = { kind: 'withdraw', revision } as const;
  await changeName(endpoints, endpoint, withdraw, { by, reason: objection, requestId: `${id}-withdraw` });
  return { id, revision, outcome: 'refused', because: objection };
}

/** Why it must not serve; undefined where it gives its trainer's answers. */
async function objectionOf(question: { endpoint: string; revision: number; model: Ref; parity: Ref }) {
  for (let second = 0; second < patienceSeconds; second++) {
    const compared = await scheduleActivity<TrainerComparison>(compareWithTrainerActivity, [question], asking);
    if (compared.kind === 'differs') return compared.because;
    if (compared.kind === 'agrees') return undefined;
    await sleep('1 second');
  }
  return `no model server loaded it within ${patienceSeconds} seconds`;
}

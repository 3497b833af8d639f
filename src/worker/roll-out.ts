/** Activities by which workflows roll models out: who waits for a rollout must be outside the sandbox. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import { Rollouts } from '../client/rollouts.js';
import type { EndpointState } from '../contracts/endpoints.js';
import { changeRefused } from '../contracts/entities.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import {
  abortRolloutActivity,
  readEndpointActivity,
  type RolledOut,
  rollOutActivity,
  type RolloutAnswer,
  type RolloutWish,
} from '../contracts/roll-out.js';
import { latestEndpoint } from '../records/endpoints.js';
import { untilFinal } from './final-failure.js';
import { whileBeating } from './until-ended.js';

/** What the activities stand on. */
export interface RollOutHost {
  readonly client: Client;
  readonly project: string;
  readonly store: ArtifactStore;
}

/** Between two questions whether somebody else's rollout has ended. */
const otherMs = 2_000;

/** The activities by name. Killed at any line and run again, they find the rollout by its id and start none twice. */
export function rollOutActivities(host: RollOutHost) {
  const rollouts = new Rollouts(host);
  return {
    /** Waits for the endpoint's other rollouts first. */
    [rollOutActivity]: (wish: RolloutWish): Promise<RolloutAnswer> =>
      untilFinal(changeRefused, () =>
        whileBeating(host.client, async () => {
          try {
            while ((await rollouts.start(wish.endpoint, wish).catch(underWay)) === undefined)
              await delay(otherMs, undefined, { signal: Context.current().cancellationSignal });
            return { kind: 'ended', end: await endOf(rollouts, wish) };
          } catch (error) {
            const isEmpty = error instanceof TrainyardError && error.code === 'TY2310';
            if (isEmpty && (await servedNothing(host.store, wish.endpoint))) return { kind: 'nothingServed' };
            if (!(error instanceof WorkflowFailedError)) throw error;
            const what = `rollout ${wish.id} of ${wish.endpoint} did not end by itself: ${messageOf(error.cause)}`;
            throw new TrainyardError('TY2311', what, { cause: error });
          }
        }),
      ),
    /** Gives how it ended, where it had begun. */
    [abortRolloutActivity]: (wish: RolloutWish, reason: string): Promise<RolledOut | null> =>
      whileBeating(host.client, async () => {
        const board = await rollouts.board(wish.endpoint);
        if (board?.id !== wish.id) return null;
        await rollouts.command(wish.endpoint, 'abort', { by: wish.by, reason }).catch(hasEnded);
        return endOf(rollouts, wish);
      }),
    [readEndpointActivity]: async (endpoint: string): Promise<EndpointState | null> =>
      (await latestEndpoint(host, endpoint))?.state ?? null,
  };
}

/** One that somebody took out of service has served: no pipeline puts it back. */
async function servedNothing(store: ArtifactStore, endpoint: string): Promise<boolean> {
  const head = await latestEndpoint({ store }, endpoint);
  return head === undefined || (head.state.traffic === null && head.state.earlier.length === 0);
}

async function endOf(rollouts: Rollouts, { endpoint, id }: RolloutWish): Promise<RolledOut> {
  const { revision, outcome, because, evidence } = await rollouts.result(endpoint, id);
  return { id, revision, outcome, because, evidence };
}

/** Undefined while another rollout of the endpoint goes on. */
function underWay(error: unknown): undefined {
  if (!(error instanceof TrainyardError && error.code === 'TY2309')) throw error;
}

function hasEnded(error: unknown): undefined {
  if (!(error instanceof TrainyardError && error.code === 'TY2311')) throw error;
}

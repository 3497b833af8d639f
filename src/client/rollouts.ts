/** Rollouts: started, watched, paused, promoted, aborted; how they ended is read from the store. @module */
import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowUpdateOptions,
} from '@temporalio/client';
import { parseOrThrow } from '../contracts/contract-violation.js';
import { TrainyardError } from '../contracts/errors.js';
import { entityWorkflow, entityWorkflowId, pipelinesPool, taskQueue } from '../contracts/names.js';
import {
  defaultLimits,
  defaultSteps,
  type RolloutBoard,
  RolloutCommand,
  type RolloutEnd,
  rolloutKind,
  type RolloutLook,
  rolloutMemo,
  RolloutPlan,
  rolloutUpdate,
} from '../contracts/rollouts.js';
import type { Ref } from '../contracts/refs.js';
import type { RolloutTerms } from '../contracts/roll-out.js';
import { boardOf, newRollout } from '../contracts/rollout-state.js';
import type { Traffic } from '../contracts/traffic.js';
import { latestEndpoint } from '../records/endpoints.js';
import type { HeadSource } from '../records/entity-heads.js';
import { endedRollouts, endOf, looksOf } from '../records/rollouts.js';
import { type EntityHost, untilAnswered } from './change-entity.js';
import type { NewRevision } from './endpoints.js';

/** What to roll out, and how. */
export interface NewRollout extends Pick<NewRevision, 'model' | 'version'>, RolloutTerms {
  /** The same id twice is one rollout. @default a random one */
  readonly id?: string;
  /** Rows with the trainer's own answers: the revision must give them before it meets any traffic. @default it is not compared */
  readonly parity?: Ref;
  readonly by: string;
  readonly reason: string;
}

/**
 * The rollouts of a project.
 * @example
 * const rollouts = new Rollouts({ client, project: 'churn', store });
 * const id = await rollouts.start('churn', { model, by: 'ana', reason: 'weekly training' });
 * const { outcome, because } = await rollouts.result('churn', id);
 */
export class Rollouts {
  constructor(private readonly options: EntityHost & HeadSource) {}

  /** Starts a rollout and gives its id. Throws TY2309 while another one is under way, TY2310 where no single revision answers. */
  async start(endpoint: string, rollout: NewRollout): Promise<string> {
    const { client, project, store } = this.options;
    const { id = randomUUID(), steps = defaultSteps, limits, lookEvery = 2, by, reason, version, parity } = rollout;
    const { uri, sha256, sizeBytes } = rollout.model;
    const model = { uri, sha256, sizeBytes };
    const all = { ...defaultLimits, ...limits };
    const wish = { id, endpoint, model, version, parity, steps, limits: all, lookEvery, by: { name: by }, reason };
    const plan = parseOrThrow(RolloutPlan, wish, 'rollout');
    if ((await endOf(store, plan)) !== undefined) return id;
    // Asked before the endpoint: while it runs the traffic is its own.
    const latest = await this.#latest(endpoint);
    if (latest?.board.id === id) {
      if (latest.status === 'RUNNING' || latest.status === 'COMPLETED') return id;
      throw new TrainyardError('TY2311', `rollout ${id} of ${endpoint} did not end by itself: ${latest.status}`);
    }
    if (latest?.status === 'RUNNING') throw underWay(endpoint, latest.board);
    const state = newRollout(plan, await this.#before(endpoint));
    try {
      await client.workflow.start(entityWorkflow(rolloutKind), {
        workflowId: entityWorkflowId(project, rolloutKind, endpoint),
        taskQueue: taskQueue(project, pipelinesPool),
        args: [state],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `rollout ${id}`,
        memo: { [rolloutMemo]: boardOf(state) },
      });
      return id;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const other = await this.board(endpoint);
      if (other?.id === id) return id;
      throw underWay(endpoint, other);
    }
  }

  /** Where the rollout of an endpoint stands; undefined while none runs. */
  async board(endpoint: string): Promise<RolloutBoard | undefined> {
    const latest = await this.#latest(endpoint);
    return latest?.status === 'RUNNING' ? latest.board : undefined;
  }

  /** The newest rollout that Temporal remembers. */
  async #latest(endpoint: string) {
    try {
      const { status, memo } = await this.#handle(endpoint).describe();
      return { status: status.name, board: memo?.[rolloutMemo] as RolloutBoard }; // written by the rollout
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** Pauses, resumes, promotes or aborts what runs, and gives where it stands. Throws TY2311 where nothing does, TY1914 while no worker answers. */
  async command(
    endpoint: string,
    verb: RolloutCommand['verb'],
    { by, reason }: { readonly by: string; readonly reason: string },
  ): Promise<RolloutBoard> {
    const command = parseOrThrow(RolloutCommand, { verb, by, reason }, 'command');
    const update: WorkflowUpdateOptions & { args: [RolloutCommand] } = { args: [command], updateId: randomUUID() };
    const send = async () => {
      try {
        return await this.#handle(endpoint).executeUpdate<RolloutBoard, [RolloutCommand]>(rolloutUpdate, update);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new TrainyardError('TY2311', `no rollout of ${endpoint} is under way`, { cause: error });
      }
    };
    return untilAnswered(this.options.client, `the rollout of ${endpoint}`, send);
  }

  /** How a rollout ends; waits for it. Throws TY2311 for one that neither runs nor has ended. */
  async result(endpoint: string, id: string): Promise<RolloutEnd> {
    const { store } = this.options;
    const ended = await endOf(store, { endpoint, id });
    if (ended) return ended;
    if ((await this.board(endpoint))?.id === id) await this.#handle(endpoint).result();
    const end = await endOf(store, { endpoint, id });
    if (end) return end;
    throw new TrainyardError('TY2311', `there is no rollout ${id} of ${endpoint}`);
  }

  /** Rollouts that ended, oldest first; needs the store alone. */
  ended(endpoint: string): Promise<RolloutEnd[]> {
    return endedRollouts(this.options.store, endpoint);
  }

  /** Figures and verdicts of a rollout so far; needs the store alone. */
  looks(endpoint: string, id: string): Promise<RolloutLook[]> {
    return looksOf(this.options.store, { endpoint, id });
  }

  #handle(endpoint: string) {
    return this.options.client.workflow.getHandle(entityWorkflowId(this.options.project, rolloutKind, endpoint));
  }

  async #before(endpoint: string): Promise<Traffic> {
    const traffic = (await latestEndpoint(this.options, endpoint))?.state.traffic ?? undefined;
    if (traffic?.shares.filter(({ share }) => share > 0).length === 1 && traffic.shadows.length === 0) return traffic;
    throw new TrainyardError('TY2310', `no single revision answers at ${endpoint}`);
  }
}

function underWay(endpoint: string, board: RolloutBoard | undefined): TrainyardError {
  return new TrainyardError('TY2309', `rollout ${board?.id ?? ''} of ${endpoint} is under way`);
}

/** The life of an entity: takes changes by Update, decides by its rules, publishes each as a head, goes on in a new run before its history is long. @module */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  scheduleLocalActivity,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CarriedStanding,
  ChangeRequest,
  changeUpdate,
  type EntityContract,
  type PublishOutcome,
  publishChangesActivity,
  type PublishRequest,
  readStandingActivity,
  remembered,
  type Standing,
} from '../contracts/entities.js';
import { entityName } from '../contracts/names.js';
import { ChangeQueue } from './change-queue.js';
import { checked } from './checked.js';
import { leavingFailure, refusalFailure } from './refused-change.js';

/** What an entity's own work sees and does. */
export interface Entity<State, Change, Result> {
  readonly name: string;
  /** The state that is published. */
  state(): State;
  /** A change of the entity's own making; throws what the rules refuse. `id`: what it is for; each is another request. */
  change(
    change: Change,
    options: { readonly id: string; readonly by: string; readonly reason: string },
  ): Promise<Result>;
  /** The history is long: the work comes to rest at its next quiet moment, and resolves. For conditions. */
  readonly isLeaving: () => boolean;
  /** The opposite, looked at anew: where the work goes on after something that happened, never in a condition. */
  readonly goesOn: () => boolean;
}

/** Temporal takes 2,000 Updates a run. */
const mostChanges = 1_500;

const publishing = {
  startToCloseTimeout: '10 seconds',
  retry: { initialInterval: '100ms', maximumInterval: '10s' },
} as const;

/**
 * Serves an entity for ever; never returns. Changes are decided one after the other in the order in which they came, published in batches, and
 * answered when they are durable. A request id that was answered before gets the same answer.
 * @param carried what the run before handed over; undefined in the first run, which asks the store
 * @param recent requests that were answered
 * @param work what the entity does beside; it must end soon once `isLeaving`, and what it gives is the third argument of the next run
 */
export async function serveEntity<State, Change, Result>(
  contract: EntityContract<State, Change, Result>,
  carried?: CarriedStanding,
  recent: Standing['recent'] = [],
  work: (entity: Entity<State, Change, Result>) => Promise<unknown> = ({ isLeaving }) => condition(isLeaving),
): Promise<never> {
  const name = entityName(workflowInfo().workflowId, contract.kind);
  const queue = new ChangeQueue(contract, carried, recent);
  let accepted = 0;
  let worksOn = true;
  let leaves = false;
  // A condition must not look: a refused Update leaves no event, but lets conditions be tried; a replay would not try them there.
  const look = () => (leaves ||= accepted >= mostChanges || workflowInfo().continueAsNewSuggested);

  setHandler(
    defineUpdate<unknown, [unknown]>(changeUpdate),
    (raw) => {
      accepted++;
      look();
      return queue.add(checked(ChangeRequest, raw, 'change'));
    },
    {
      validator: (raw) => {
        if (leaves) throw leavingFailure();
        queue.tryOut(checked(ChangeRequest, raw, 'change'));
      },
      description: `Changes ${contract.kind} ${name}`,
    },
  );

  if (carried === undefined) {
    const standing = await scheduleLocalActivity<Standing | undefined>(
      readStandingActivity,
      [contract.kind, name],
      publishing,
    );
    queue.adopt(standing);
  }
  const entity: Entity<State, Change, Result> = {
    name,
    state: () => queue.state,
    change: (change, { id, by, reason }) =>
      // Nobody else's request has its id, nor a change that this entity made on another store.
      queue.add({
        id: `trainyard:${id}:${uuid4()}`,
        by: { name: by },
        reason,
        change: change as ChangeRequest['change'],
      }),
    isLeaving: () => leaves,
    goesOn: () => !look(),
  };
  const publishAll = async () => {
    const isDone = () => !worksOn && allHandlersFinished();
    for (;;) {
      await condition(() => queue.isWaiting || isDone());
      if (!queue.isWaiting) return;
      const batch = queue.take();
      if (batch.length === 0) continue;
      const request: PublishRequest = { kind: contract.kind, name, ...queue.newest, changes: batch };
      try {
        queue.settle(batch, await scheduleLocalActivity<PublishOutcome>(publishChangesActivity, [request], publishing));
        look();
      } catch (error) {
        queue.fail(batch, refusalFailure(error));
      }
    }
  };
  const working = work(entity).finally(() => {
    worksOn = false;
  });
  const [ofWork] = await Promise.all([working, publishAll()]);
  const recently = remembered(queue.answered);
  return continueAsNew<(...args: unknown[]) => Promise<never>>(queue.standing, recently, ofWork);
}

/** The workflow of a retraining loop: waits until a round is due, runs it, keeps its decision. Lives for years. @module */
import { CancellationScope, condition, isCancellation, scheduleActivity } from '@temporalio/workflow';
import type { CarriedStanding, Standing } from '../contracts/entities.js';
import { type RoundEnd, type RoundRequest, runRoundActivity } from '../contracts/loop-activities.js';
import { nextRound } from '../contracts/loop-clock.js';
import { loops } from '../contracts/loop-rules.js';
import type { LoopAnswer, LoopChange, LoopState } from '../contracts/loop-state.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { type Entity, serveEntity } from '../workflow/serve-entity.js';

type LoopEntity = Entity<LoopState, LoopChange, LoopAnswer>;

/** The workflow `trainyard:loops`. */
export function loop(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(loops, carried, recent, work);
}

autoUpgrade(loop);

/** A round is a run of its own: this waits for it as long as it takes, in one history or the next. */
const watching = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
} as const;

async function work(entity: LoopEntity): Promise<void> {
  while (entity.goesOn()) {
    const state = entity.state();
    const own = { by: `loop ${entity.name}` };
    if (state.running !== null) {
      const end = await roundEnd(entity);
      if (end === undefined) return;
      const change = { kind: 'decide', ...end } as const;
      const id = `decide-${end.decision.round}`;
      await entity.change(change, { ...own, id, reason: end.decision.sentence });
      continue;
    }
    const next = nextRound(state, Date.now());
    const waitMs = next && next.at - Date.now();
    const hasNews = () => entity.state() !== state || entity.isLeaving();
    if (next === undefined || waitMs === undefined) await condition(hasNews);
    else if (waitMs > 0) await condition(hasNews, waitMs);
    else {
      const reason = next.purpose === 'train' ? 'a training is due' : 'labels came in';
      const id = `begin-${state.rounds + 1}`;
      // What changed meanwhile may have taken its ground away: the next turn decides anew.
      await entity.change({ kind: 'begin', purpose: next.purpose }, { ...own, id, reason }).catch(passing);
    }
  }
}

/** Undefined where the entity goes on in a new run before the round has ended: that run waits for the same one. */
async function roundEnd(entity: LoopEntity): Promise<RoundEnd | undefined> {
  const { policy, running, champion, previous } = entity.state();
  const request: RoundRequest = { loop: entity.name, state: { policy, running, champion, previous } };
  const scope = new CancellationScope();
  const ending = scope.run(() =>
    scheduleActivity<RoundEnd>(runRoundActivity, [request], {
      ...watching,
      summary: `round ${running?.round ?? 0} of ${entity.name}`,
    }),
  );
  await Promise.race([ending.catch(() => undefined), condition(entity.isLeaving)]);
  if (entity.isLeaving()) scope.cancel();
  try {
    return await ending;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return undefined;
  }
}

function passing(error: unknown): void {
  if (isCancellation(error)) throw error;
}

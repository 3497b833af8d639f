/** A schedule's slices: each run once, whatever happens to ticks, workers and the engine. @module */
import {
  condition,
  defineSignal,
  isCancellation,
  scheduleActivity,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import type { CarriedStanding, Standing } from '../contracts/entities.js';
import { messageOf } from '../contracts/errors.js';
import {
  passOverActivity,
  pauseTicksActivity,
  type PlannedSlices,
  planSlicesActivity,
  runSliceActivity,
  type SliceOutcome,
  type SlicePlan,
  type SliceRequest,
  type SlicesChange,
  slicesMemo,
  type SlicesState,
  tickSignal,
} from '../contracts/slices.js';
import { slicesEntity } from '../contracts/slices-entity.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { type Entity, serveEntity } from '../workflow/serve-entity.js';
import { type CarriedWalk, type OpenSlice, SliceWalk } from './slice-walk.js';

/** The workflow `trainyard:slices`, one for each schedule; never ends by itself. */
export function slices(carried?: CarriedStanding, recent?: Standing['recent'], walk?: CarriedWalk): Promise<never> {
  return serveEntity(slicesEntity, carried, recent, (entity) => runSlices(entity, new SliceWalk(walk)));
}

autoUpgrade(slices);

type SlicesEntity = Entity<SlicesState, SlicesChange, null>;

const asking = { startToCloseTimeout: '2 minutes', retry: { initialInterval: '1s', maximumInterval: '30s' } } as const;

const watching = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const;

/** Ends after which the memo is written even while more begin. */
const manyEnds = 50;

async function runSlices(entity: SlicesEntity, walk: SliceWalk): Promise<CarriedWalk> {
  setHandler(defineSignal<[string]>(tickSignal), (at) => {
    walk.tick(at);
  });
  const show = boardWriter(walk);
  for (const slice of [...walk.open]) void runOpen(entity, walk, slice);
  while (entity.goesOn()) {
    const state = entity.state();
    const { changes } = walk;
    if (state.terms !== null && (await goOn(entity, walk, state))) {
      show(state, manyEnds);
      continue;
    }
    show(state, 1);
    await condition(() => walk.changes !== changes || entity.state() !== state || entity.isLeaving());
  }
  await condition(() => !walk.isHolding);
  // Who loses the history begins here again, and finds in the store what ended since.
  const progress = walk.progress(true);
  if (progress !== null && entity.state().terms !== null)
    await change(entity, { do: 'progress', progress }, 'the entity goes on in a new run');
  return walk.carried();
}

/** One thing that is to be done; false where there is none. */
async function goOn(entity: SlicesEntity, walk: SliceWalk, state: SlicesState): Promise<boolean> {
  walk.follow(state);
  const next = walk.nextPlan(state, Date.now());
  if (next !== undefined && state.terms !== null) {
    const plan: SlicePlan = { schedule: entity.name, calendar: state.terms.calendar, ...next.plan };
    const planned = await scheduleActivity<PlannedSlices>(planSlicesActivity, [plan], asking);
    walk.planned(next.of, planned);
    if (planned.tooLate) await change(entity, { do: 'skip', ...planned.tooLate }, 'later than the catch-up');
    return true;
  }
  const slice = walk.take(state);
  if (slice !== undefined) {
    void runOpen(entity, walk, slice);
    return true;
  }
  const passed = walk.passedOver(state);
  if (passed.length > 0) {
    await scheduleActivity<undefined>(passOverActivity, [entity.name, passed], asking);
    return true;
  }
  const done = walk.finished(state);
  if (done === undefined) return false;
  await change(entity, { do: 'finish', ...done }, 'all of it has run');
  return true;
}

/** Never rejects. */
async function runOpen(entity: SlicesEntity, walk: SliceWalk, { of, ...slice }: OpenSlice): Promise<void> {
  const open = walk.open.find((one) => one.at === slice.at);
  const budget = entity.state().terms?.budget;
  const request: SliceRequest = { schedule: entity.name, slice, ...(budget && { budget }) };
  const summary = { ...watching, summary: `slice ${slice.at}${of === 'own' ? '' : `, asked for`}` };
  const end = await scheduleActivity<SliceOutcome>(runSliceActivity, [request], summary).catch(unwatched);
  if (open === undefined || end === undefined) return;
  const holds = end.outcome === 'failed' && entity.state().terms?.pauseOnFailure === true;
  walk.settle(open, end, holds);
  if (!holds) return;
  const reason = `slice ${slice.at} failed: ${end.why ?? 'it says no more'}`;
  await change(entity, { do: 'pause', reason }, reason);
  walk.release();
  await scheduleActivity<undefined>(pauseTicksActivity, [entity.name, reason.slice(0, 300)], asking).catch(unwatched);
}

/** Undefined where the entity itself is cancelled. */
function unwatched(error: unknown): SliceOutcome | undefined {
  if (isCancellation(error)) return undefined;
  return { outcome: 'failed', runId: null, why: messageOf(error) };
}

async function change(entity: SlicesEntity, wish: SlicesChange, reason: string): Promise<void> {
  await entity.change(wish, { id: wish.do, by: 'trainyard', reason: reason.slice(0, 2_000) });
}

/** Gives how to write the memo, where it has changed and at least so many slices have ended since. */
function boardWriter(walk: SliceWalk): (state: SlicesState, ends: number) => void {
  let shown = '';
  let endsShown = -1;
  return (state, ends) => {
    const board = walk.board(state);
    if (board === null || board.succeeded + board.failed < endsShown + (endsShown < 0 ? 0 : ends === 1 ? 0 : ends))
      return;
    const text = JSON.stringify(board);
    if (text === shown) return;
    shown = text;
    endsShown = board.succeeded + board.failed;
    upsertMemo({ [slicesMemo]: board });
  };
}

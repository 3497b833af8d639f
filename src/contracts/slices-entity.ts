/** The rules of a schedule's entity. @module */
import { z } from 'zod';
import { budgetUnits } from './budget.js';
import { canonicalJson } from './canonical-json.js';
import type { ChangeFacts, EntityContract } from './entities.js';
import { TrainyardError } from './errors.js';
import { type ScheduleTerms, SlicesChange, SlicesState, wishId } from './slices.js';

/** So many asked-for slices, backfills and passed-over spans a state has at most: it travels with every change. */
const [mostWanted, mostBackfills, mostSkipped] = [100, 20, 100];

const initial: SlicesState = {
  terms: null,
  begins: null,
  calendarSince: null,
  paused: null,
  wanted: [],
  backfills: [],
  skipped: [],
  raised: null,
  progress: null,
};

/** The entity `trainyard:slices`, one for each schedule. */
export const slicesEntity: EntityContract<SlicesState, SlicesChange, null> = {
  kind: 'slices',
  state: SlicesState,
  change: SlicesChange,
  result: z.null(),
  initial,
  isOwn: (change) => change.do === 'skip' || change.do === 'finish' || change.do === 'progress',
  apply: (state, change, facts) => ({ state: next(state, change, facts), result: null }),
};

function next(state: SlicesState, change: SlicesChange, { at }: ChangeFacts): SlicesState {
  if (change.do === 'define') return defined(state, change, at);
  if (state.terms === null) throw new TrainyardError('TY2405', 'there is no such schedule, or it was deleted');
  switch (change.do) {
    case 'raise':
      return { ...state, terms: raised(state.terms, change.limits), raised: { ...state.raised, ...change.limits } };
    case 'pause':
      return { ...state, paused: state.paused ?? { at, reason: change.reason } };
    case 'resume': {
      if (state.paused === null) throw refused('the schedule is not paused');
      const { at: since } = state.paused;
      return { ...state, paused: null, skipped: change.skip ? withSpan(state.skipped, [since, at]) : state.skipped };
    }
    case 'want': {
      const others = state.wanted.filter((one) => one.at !== change.at);
      if (others.length >= mostWanted) throw refused(`${mostWanted} slices that were asked for have not run yet`);
      return { ...state, wanted: [...others, { at: change.at, rerun: change.rerun, asked: at }] };
    }
    case 'backfill': {
      const { id, from, to, rerun } = change;
      if (state.backfills.length >= mostBackfills) throw refused(`${mostBackfills} backfills have not ended yet`);
      if (!(Date.parse(from) < Date.parse(to))) throw refused(`the span from ${from} to ${to} is empty`);
      return { ...state, backfills: [...state.backfills, { id, from, to, rerun, asked: at }] };
    }
    case 'skip':
      return { ...state, skipped: withSpan(state.skipped, [change.from, change.to]) };
    case 'finish':
      return {
        ...state,
        wanted: state.wanted.filter((one) => !change.wishes.includes(wishId(one))),
        backfills: state.backfills.filter(({ id }) => !change.backfills.includes(id)),
      };
    case 'progress':
      return { ...state, progress: change.progress };
    case 'delete':
      return { ...initial, progress: state.progress };
  }
}

function defined(state: SlicesState, change: SlicesChange & { do: 'define' }, at: string): SlicesState {
  const { terms, isNew } = change;
  if (isNew && state.terms !== null) throw new TrainyardError('TY2406', 'there is a schedule of that name');
  if (!isNew && state.terms === null)
    throw new TrainyardError('TY2405', 'there is no such schedule, or it was deleted');
  if (state.terms === null)
    return {
      ...initial,
      terms,
      begins: at,
      calendarSince: at,
      progress: { succeeded: 0, failed: 0, ...state.progress, through: at },
    };
  const isSame = canonicalJson(state.terms.calendar) === canonicalJson(terms.calendar);
  const kept = change.resetsBudget ? null : stillRaised(terms, state.raised);
  const budget = kept && { ...terms.budget, ...kept };
  return {
    ...state,
    terms: { ...terms, ...(budget && { budget }) },
    raised: kept,
    calendarSince: isSame ? state.calendarSince : at,
  };
}

/** What was allowed beyond the budget of these terms; null for nothing. */
function stillRaised({ budget }: ScheduleTerms, raised: SlicesState['raised']): SlicesState['raised'] {
  const kept = budgetUnits.filter((unit) => (raised?.[unit] ?? 0) > (budget?.[unit] ?? Infinity));
  return kept.length === 0 ? null : Object.fromEntries(kept.map((unit) => [unit, raised?.[unit]]));
}

function raised(terms: ScheduleTerms, limits: NonNullable<ScheduleTerms['budget']>): ScheduleTerms {
  if (terms.budget === undefined)
    throw new TrainyardError('TY1912', 'the schedule has no budget: nothing limits its runs');
  for (const unit of budgetUnits) {
    const [now = Infinity, then = Infinity] = [terms.budget[unit], limits[unit]];
    if (then !== Infinity && then <= now)
      throw new TrainyardError('TY1912', `${unit} is limited to ${now} now, ${then} is no raise`);
  }
  return { ...terms, budget: { ...terms.budget, ...limits } };
}

function withSpan(spans: SlicesState['skipped'], span: readonly [string, string]): SlicesState['skipped'] {
  return [...spans, [...span] as [string, string]].slice(-mostSkipped);
}

function refused(what: string): TrainyardError {
  return new TrainyardError('TY2407', what);
}

/** When the next round of a loop is due: a pure function of its state and the time. @module */
import type { LoopPolicy } from './loop-policy.js';
import type { LoopTrigger } from './loop-rounds.js';
import type { LoopState } from './loop-state.js';

/** What comes next. */
export interface NextRound {
  readonly purpose: 'train' | 'watch';
  /** Milliseconds since 1970; in the past where it is due. */
  readonly at: number;
  /** What it waits for, where it waits. */
  readonly because?: 'debounce' | 'cool-down' | 'budget' | 'schedule';
}

/** The next round as far as is known; undefined where only a change can bring one. */
export function nextRound(state: LoopState, now: number): NextRound | undefined {
  const { policy, running, paused } = state;
  if (policy === null || running !== null || paused !== null) return undefined;
  if (state.watchAsOf !== null && state.probation > 0 && state.previous !== null) return { purpose: 'watch', at: now };
  const wanted = firstWanted(state, policy);
  if (wanted === undefined) return undefined;
  const bounds: NextRound[] = [wanted];
  const last = state.trainings.at(-1);
  const isAsked = state.waiting.some(({ cause }) => cause === 'person');
  if (last !== undefined && !isAsked)
    bounds.push({ purpose: 'train', at: Date.parse(last) + policy.coolDownMs, because: 'cool-down' });
  const { budget } = policy;
  const oldest = budget && state.trainings.at(-budget.trainings);
  if (budget && oldest !== undefined)
    bounds.push({ purpose: 'train', at: Date.parse(oldest) + budget.perMs, because: 'budget' });
  return bounds.reduce((latest, bound) => (bound.at > latest.at ? bound : latest));
}

/** Why a training begins now: what waits, and the clock. */
export function triggersOf(state: LoopState, at: string): LoopTrigger[] {
  const everyMs = state.policy?.triggers.everyMs;
  const due = state.policy === null ? undefined : scheduledAt(state, state.policy);
  if (everyMs === undefined || due === undefined || due > Date.parse(at)) return [...state.waiting];
  return [...state.waiting, { cause: 'schedule', why: `${span(everyMs)} since the last one`, at }];
}

function firstWanted(state: LoopState, policy: LoopPolicy): NextRound | undefined {
  const asked: NextRound | undefined =
    state.waitingSince === null ? undefined : { purpose: 'train', at: settledAt(state, policy), because: 'debounce' };
  const due = scheduledAt(state, policy);
  const clock: NextRound | undefined =
    due === undefined ? undefined : { purpose: 'train', at: due, because: 'schedule' };
  if (asked === undefined || clock === undefined) return asked ?? clock;
  return asked.at <= clock.at ? asked : clock;
}

/** A person does not wait for others to ask, too. */
function settledAt({ waiting, waitingSince }: LoopState, { debounceMs }: LoopPolicy): number {
  const since = Date.parse(waitingSince ?? '');
  return waiting.some(({ cause }) => cause === 'person') ? since : since + debounceMs;
}

function scheduledAt({ trainings, declaredAt }: LoopState, { triggers }: LoopPolicy): number | undefined {
  const from = trainings.at(-1) ?? declaredAt;
  return triggers.everyMs === undefined || from === null ? undefined : Date.parse(from) + triggers.everyMs;
}

/** `3 days`, `12 hours`, `30 seconds`. */
export function span(milliseconds: number): string {
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ] as const;
  const [size, name] = units.find(([length]) => milliseconds >= length && milliseconds % length === 0) ?? [
    1,
    'millisecond',
  ];
  const count = milliseconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** The rules of retraining loops: one training at a time, none that a policy forbids, every end a decision with its reason. @module */
import type { ChangeFacts, EntityContract } from './entities.js';
import { TrainyardError } from './errors.js';
import { nextRound, span, triggersOf } from './loop-clock.js';
import type { LoopPolicy } from './loop-policy.js';
import { LoopAnswer, LoopChange, LoopState, type StandingModel } from './loop-state.js';

/** Decisions that the state keeps; the heads keep all. */
const keptDecisions = 8;

type Changed = { readonly state: LoopState; readonly result: LoopAnswer };
type Of<Kind extends LoopChange['kind']> = Extract<LoopChange, { readonly kind: Kind }>;

/** The entity of a loop. */
export const loops: EntityContract<LoopState, LoopChange, LoopAnswer> = {
  kind: 'loops',
  state: LoopState,
  change: LoopChange,
  result: LoopAnswer,
  initial: {
    policy: null,
    declaredAt: null,
    paused: null,
    champion: null,
    previous: null,
    probation: 0,
    rounds: 0,
    running: null,
    waiting: [],
    waitingSince: null,
    watchAsOf: null,
    trainings: [],
    rows: { seen: 0, atTraining: 0, asOf: null },
    decisions: [],
  },
  isOwn: ({ kind }) => kind === 'begin' || kind === 'decide',
  apply(state, change, facts) {
    if (change.kind === 'declare') return declare(state, change, facts);
    const { policy } = state;
    if (policy === null) throw new TrainyardError('TY2510', 'nobody has declared this loop');
    switch (change.kind) {
      case 'pause':
        return answer({ ...state, paused: { why: change.why, at: facts.at } }, 'no round begins until it is resumed');
      case 'resume':
        return answer({ ...state, paused: null }, 'rounds begin again');
      case 'trigger':
        return trigger(state, policy, change, facts);
      case 'observe':
        return observe(state, policy, change, facts);
      case 'adopt':
        return adopt(state, policy, change, facts);
      case 'begin':
        return begin(state, policy, change, facts);
      case 'decide':
        return decide(state, policy, change, facts);
    }
  },
};

function declare(state: LoopState, { policy, champion }: Of<'declare'>, { at }: ChangeFacts): Changed {
  const declared = { ...state, policy, declaredAt: state.declaredAt ?? at };
  if (champion === undefined) return answer(declared, 'declared');
  // Whose loop has a champion already has declared a policy: the model that serves is the loop's to name.
  if (state.champion !== null && state.champion.model !== champion.model)
    throw new TrainyardError('TY2511', `the loop has another champion, ${short(state.champion.model)}`);
  return answer({ ...declared, champion: state.champion ?? champion }, 'declared');
}

function trigger(state: LoopState, policy: LoopPolicy, { trigger: asked }: Of<'trigger'>, facts: ChangeFacts): Changed {
  if (asked.cause === 'drift' && !policy.triggers.drift)
    return answer(state, 'its policy does not train because of drift');
  const { running } = state;
  const last = running?.purpose === 'train' ? running : state.decisions.findLast(({ purpose }) => purpose === 'train');
  if (asked.cause !== 'person' && asked.asOf !== undefined && last && Date.parse(asked.asOf) <= Date.parse(last.asOf))
    return answer(state, `round ${last.round} has had these labels already`);
  const waiting = [...state.waiting.filter(({ cause }) => cause !== asked.cause), { ...asked, at: facts.at }];
  const next = { ...state, waiting, waitingSince: state.waitingSince ?? facts.at };
  return answer(next, whenOf(next, facts.at));
}

function observe(state: LoopState, policy: LoopPolicy, { rows, asOf }: Of<'observe'>, facts: ChangeFacts): Changed {
  const seen = Math.max(state.rows.seen, rows);
  const watches = state.probation > 0 && state.previous !== null;
  const next = {
    ...state,
    rows: { ...state.rows, seen, asOf: later(state.rows.asOf, asOf) },
    watchAsOf: watches ? later(state.watchAsOf, asOf) : null,
  };
  const fresh = seen - state.rows.atTraining;
  if (policy.triggers.rows === undefined || fresh < policy.triggers.rows)
    return answer(next, watches ? 'the champion is compared with the one before' : 'counted');
  const why = `${fresh.toLocaleString('en-US')} new labelled rows`;
  return trigger(next, policy, { kind: 'trigger', trigger: { cause: 'rows', why, asOf } }, facts);
}

function adopt(state: LoopState, policy: LoopPolicy, { champion }: Of<'adopt'>, { at }: ChangeFacts): Changed {
  if (state.running !== null)
    throw new TrainyardError('TY2512', `round ${state.running.round} goes on: it decides about the champion`);
  // It passed no gate: labels that are there already may speak at once.
  const watchAsOf = state.champion === null ? null : state.rows.asOf;
  const next = { ...state, ...succeeded(state, policy, { ...champion, at }), watchAsOf };
  return answer(next, `${short(champion.model)} is the champion`);
}

function begin(state: LoopState, policy: LoopPolicy, { purpose }: Of<'begin'>, { at }: ChangeFacts): Changed {
  const next = nextRound(state, Date.parse(at));
  if (next === undefined || next.purpose !== purpose || next.at > Date.parse(at))
    throw new TrainyardError('TY2513', `no round to ${purpose} is due`);
  const round = state.rounds + 1;
  if (purpose === 'watch') {
    const asOf = state.watchAsOf ?? at;
    const running = { round, purpose, triggers: [], startedAt: at, asOf };
    return answer({ ...state, rounds: round, running, watchAsOf: null }, 'watches');
  }
  const triggers = triggersOf(state, at);
  const asOf = triggers.reduce<string | null>((newest, one) => later(newest, one.asOf ?? one.at), null) ?? at;
  const since = Date.parse(at) - (policy.budget?.perMs ?? 0);
  return answer(
    {
      ...state,
      rounds: round,
      running: { round, purpose, triggers, startedAt: at, asOf },
      waiting: [],
      waitingSince: null,
      trainings: [...state.trainings.filter((began) => Date.parse(began) > since), at],
      rows: { seen: state.rows.seen, atTraining: state.rows.seen, asOf },
    },
    'trains',
  );
}

function decide(state: LoopState, policy: LoopPolicy, change: Of<'decide'>, { at }: ChangeFacts): Changed {
  const { running } = state;
  if (running === null || running.round !== change.decision.round)
    throw new TrainyardError('TY2513', `round ${change.decision.round} does not go on`);
  const { purpose, asOf } = running;
  const decided = { ...change.decision, purpose, at, asOf };
  const next = { ...state, running: null, decisions: [...state.decisions, decided].slice(-keptDecisions) };
  if (change.champion)
    return answer({ ...next, ...succeeded(state, policy, { ...change.champion, at }) }, decided.sentence);
  if (purpose === 'train') return answer(next, decided.sentence);
  if (decided.verdict === 'rolledBack')
    return answer(
      { ...next, champion: state.previous, previous: null, probation: 0, watchAsOf: null },
      decided.sentence,
    );
  const probation = decided.verdict === 'failed' ? state.probation : Math.max(0, state.probation - 1);
  return answer({ ...next, probation }, decided.sentence);
}

/** A new champion is on probation: the one before is what a rollback goes back to. */
function succeeded(state: LoopState, { probation }: LoopPolicy, champion: StandingModel) {
  return { champion, previous: state.champion, probation: state.champion === null ? 0 : probation, watchAsOf: null };
}

function answer(state: LoopState, note: string): Changed {
  return { state, result: { round: state.rounds, note } };
}

function whenOf(state: LoopState, at: string): string {
  if (state.paused !== null) return 'the loop is paused: it trains when it is resumed';
  if (state.running !== null) return `it trains after round ${state.running.round}`;
  const next = nextRound(state, Date.parse(at));
  const waitMs = next === undefined ? 0 : next.at - Date.parse(at);
  return waitMs > 0
    ? `it trains in ${span(Math.ceil(waitMs / 1_000) * 1_000)} (${next?.because ?? ''})`
    : 'it trains now';
}

function later(one: string | null, other: string): string {
  return one !== null && Date.parse(one) > Date.parse(other) ? one : other;
}

function short(digest: string): string {
  return digest.slice(0, 12);
}

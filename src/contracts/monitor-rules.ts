/** The rules of monitors: one look at a time, each alert raised once and closed once, what is to be told kept until it was told. @module */
import { takeLook } from './alert-book.js';
import type { ChangeFacts, EntityContract } from './entities.js';
import { TrainyardError } from './errors.js';
import type { LookOutcome } from './monitor-looks.js';
import { MonitorAnswer, MonitorChange, type MonitorPolicy, MonitorState } from './monitor-state.js';

/** Looks that the state keeps; the heads keep all. */
const keptLooks = 6;

type Changed = { readonly state: MonitorState; readonly result: MonitorAnswer };
type Of<Kind extends MonitorChange['kind']> = Extract<MonitorChange, { readonly kind: Kind }>;

/** The entity of a monitor. */
export const monitors: EntityContract<MonitorState, MonitorChange, MonitorAnswer> = {
  kind: 'monitors',
  state: MonitorState,
  change: MonitorChange,
  result: MonitorAnswer,
  initial: {
    policy: null,
    paused: null,
    looks: 0,
    running: null,
    nextAt: null,
    cursor: null,
    detectors: null,
    place: null,
    book: [],
    outbox: [],
    news: null,
    past: [],
  },
  isOwn: ({ kind }) => kind === 'begin' || kind === 'end' || kind === 'told',
  apply(state, change, { at }) {
    if (change.kind === 'declare')
      return answer({ ...state, policy: change.policy, nextAt: state.nextAt ?? later(at, change.policy.everyMs) });
    const { policy } = state;
    if (policy === null) throw new TrainyardError('TY2520', 'nobody has declared this monitor');
    switch (change.kind) {
      case 'pause':
        return answer({ ...state, paused: { why: change.why, at } });
      case 'resume':
        return answer({ ...state, paused: null });
      case 'look':
        return answer({ ...state, nextAt: at });
      case 'begin':
        return begin(state, at);
      case 'end':
        return end(state, policy, change, { at });
      case 'told':
        return answer({ ...state, outbox: [], news: null });
    }
  },
};

/** Whether a look is due; how long to wait for it otherwise, in milliseconds; undefined where only a change can bring one. */
export function untilLook({ policy, paused, running, nextAt }: MonitorState, now: number): number | undefined {
  if (policy === null || paused !== null || running !== null || nextAt === null) return undefined;
  return Math.max(0, Date.parse(nextAt) - now);
}

function begin(state: MonitorState, at: string): Changed {
  if (untilLook(state, Date.parse(at)) !== 0) throw new TrainyardError('TY2521', 'no look is due');
  return answer({ ...state, looks: state.looks + 1, running: { look: state.looks + 1, at } });
}

function end(state: MonitorState, policy: MonitorPolicy, change: Of<'end'>, { at }: Pick<ChangeFacts, 'at'>): Changed {
  const { running } = state;
  if (running?.look !== change.look) throw new TrainyardError('TY2521', `look ${change.look} does not go on`);
  const { end: ended } = change;
  const nextAt = later(running.at, policy.everyMs) > at ? later(running.at, policy.everyMs) : at;
  const past = { look: running.look, at: running.at };
  if ('failure' in ended) {
    const failed = { ...past, found: [], figures: {}, failure: ended.failure };
    return answer({ ...state, running: null, nextAt: later(at, policy.everyMs), past: kept(state, failed) });
  }
  const { findings, unseen = [], figures, report, cursor, detectors, place } = ended;
  const { closeAfter } = policy;
  const looked = takeLook(state.book, findings, { project: change.project, at, closeAfter, unseen });
  const found = { ...past, found: findings.map(({ name }) => name), figures, ...(report && { report }) };
  return answer({
    ...state,
    running: null,
    nextAt,
    cursor,
    detectors: detectors ?? state.detectors,
    place: place ?? state.place,
    book: looked.book,
    outbox: [...state.outbox, ...looked.raised, ...looked.closed],
    news: newsOf(ended),
    past: kept(state, found),
  });
}

/** What a retraining loop hears of a look: its labels, and what speaks for a new model. */
function newsOf({ labels, findings }: LookOutcome): MonitorState['news'] {
  const drift = findings.filter(({ name }) => name.endsWith('Drift')).map(({ summary }) => summary);
  if (labels === undefined && drift.length === 0) return null;
  return { ...(labels && { labels }), ...(drift.length > 0 && { drift: drift.join('; ').slice(0, 300) }) };
}

function kept({ past }: MonitorState, look: MonitorState['past'][number]): MonitorState['past'] {
  return [...past, look].slice(-keptLooks);
}

function answer(state: MonitorState): Changed {
  return { state, result: { look: state.looks, firing: state.book.length } };
}

function later(at: string, milliseconds: number): string {
  return new Date(Date.parse(at) + milliseconds).toISOString();
}

/** What a retraining loop may do, and when. @module */
import assert from 'node:assert/strict';
import { defineLoop, type LoopOptions } from '../../src/contracts/define-loop.js';
import type { Stages } from '../../src/contracts/define-pipeline.js';
import { nextRound } from '../../src/contracts/loop-clock.js';
import { isWorse, objectionsTo, triggersInWords } from '../../src/contracts/loop-gate.js';
import { Comparison } from '../../src/contracts/loop-rounds.js';
import { loops } from '../../src/contracts/loop-rules.js';
import type { LoopChange, LoopState, StandingModel } from '../../src/contracts/loop-state.js';

const start = Date.parse('2026-03-01T00:00:00.000Z');
const hour = 3_600_000;

function policy(options: Partial<LoopOptions<Stages>> = {}) {
  const base: LoopOptions<Stages> = { stages: {}, endpoint: 'e', triggers: {}, window: { fresh: '7 days' }, gate: {} };
  return defineLoop('churn', { ...base, ...options }).policy;
}

const model = (digit: string): StandingModel => ({
  model: digit.repeat(64),
  candidate: { uri: `artifact://sha256/${digit.repeat(64)}`, sha256: digit.repeat(64), sizeBytes: 7 },
  at: new Date(start).toISOString(),
  round: null,
});

/** The state after changes, each at its hour. */
function after(...changes: readonly (readonly [number, LoopChange])[]): LoopState {
  return changes.reduce((state, [hours, change]) => apply(state, hours, change).state, loops.initial);
}

function apply(state: LoopState, hours: number, change: LoopChange) {
  return loops.apply(state, change, { at: new Date(start + hours * hour).toISOString(), generation: 1 });
}

const declare = (options: Partial<LoopOptions<Stages>> = {}): LoopChange => ({
  kind: 'declare',
  policy: policy(options),
  champion: model('a'),
});
const ask = (cause: 'drift' | 'person' | 'schedule', why = 'a test'): LoopChange => ({
  kind: 'trigger',
  trigger: { cause, why },
});
const train: LoopChange = { kind: 'begin', purpose: 'train' };
const decide = (
  round: number,
  verdict: 'promoted' | 'refused' | 'rolledBack' | 'kept',
  digit?: string,
): LoopChange => ({
  kind: 'decide',
  decision: { round, verdict, sentence: `${verdict}.` },
  ...(digit && { champion: model(digit) }),
});

/** In how many hours after the start the next round is due. */
function due(state: LoopState, hours: number) {
  const next = nextRound(state, start + hours * hour);
  return next && [next.purpose, (next.at - start) / hour, next.because];
}

describe('a retraining loop', () => {
  it('takes what triggers close together as one training, and lets a person wait for nobody', () => {
    const state = after([0, declare({ debounce: '2 hours' })], [1, ask('drift', 'PSI 1')], [2, ask('drift', 'PSI 5')]);
    assert.deepEqual(due(state, 2), ['train', 3, 'debounce']);
    assert.deepEqual(
      state.waiting.map(({ why }) => why),
      ['PSI 5'],
    );
    assert.equal(due(apply(state, 2, ask('person')).state, 2)?.[1], 1);
  });

  it('cools down between two trainings, keeps to its budget, and follows the clock', () => {
    const options = { coolDown: '5 hours', budget: { trainings: 2, per: '100 hours' } } as const;
    let state = after([0, declare(options)], [0, ask('person')], [0, train], [1, decide(1, 'refused')]);
    state = apply(state, 1, ask('drift')).state;
    assert.deepEqual(due(state, 1), ['train', 5, 'cool-down']);
    state = [train, decide(2, 'refused')].reduce((before, change) => apply(before, 6, change).state, state);
    state = apply(state, 50, ask('person')).state;
    assert.deepEqual(due(state, 50), ['train', 100, 'budget']);
    assert.throws(() => apply(state, 99, train), { code: 'TY2513' });
    assert.equal(apply(state, 100, train).state.running?.round, 3);
    const clock = after([0, declare({ triggers: { every: '24 hours' } })]);
    assert.deepEqual(due(clock, 1), ['train', 24, 'schedule']);
    assert.equal(apply(clock, 24, train).state.running?.triggers[0]?.cause, 'schedule');
  });

  it('trains one challenger at a time, and what asks meanwhile waits for the end', () => {
    const running = after([0, declare({ coolDown: '0 hours' })], [0, ask('person')], [0, train], [1, ask('person')]);
    assert.equal(due(running, 1), undefined);
    assert.equal(due(apply(running, 2, decide(1, 'refused')).state, 2)?.[0], 'train');
    assert.throws(() => apply(running, 2, decide(2, 'refused')), { code: 'TY2513' });
  });

  it('trains once on the same labels, unless a person asks', () => {
    const drift: LoopChange = {
      kind: 'trigger',
      trigger: { cause: 'drift', why: 'PSI 5', asOf: '2026-02-01T00:00:00Z' },
    };
    let state = after([0, declare({ coolDown: '0 hours' })], [0, drift], [1, train], [1, drift]);
    assert.equal(state.waiting.length, 0);
    state = apply(state, 2, decide(1, 'refused')).state;
    assert.equal(apply(state, 3, drift).result.note, 'round 1 has had these labels already');
    assert.equal(apply(state, 3, ask('person')).state.waiting.length, 1);
  });

  it('counts labels since the last training, and a number that is told twice once', () => {
    const observe = (rows: number): LoopChange => ({ kind: 'observe', rows, asOf: new Date(start).toISOString() });
    const options = { triggers: { rows: 100 }, coolDown: '0 hours' } as const;
    let state = after([0, declare(options)], [1, observe(60)], [2, observe(60)]);
    assert.equal(state.waiting.length, 0);
    state = apply(state, 3, observe(120)).state;
    assert.equal(state.waiting[0]?.why, '120 new labelled rows');
    state = [train, decide(1, 'refused'), observe(219)].reduce((before, one) => apply(before, 4, one).state, state);
    assert.equal(state.waiting.length, 0);
  });

  it('watches a new champion as labels come in, and goes back to the one before when told that it is worse', () => {
    const labels: LoopChange = { kind: 'observe', rows: 1, asOf: new Date(start).toISOString() };
    let state = after([0, declare()], [0, ask('person')], [0, train], [1, decide(1, 'promoted', 'b')], [2, labels]);
    assert.deepEqual([state.champion?.model[0], state.previous?.model[0], state.probation], ['b', 'a', 1]);
    assert.deepEqual(due(state, 2), ['watch', 2, undefined]);
    state = apply(state, 2, { kind: 'begin', purpose: 'watch' }).state;
    const back = apply(state, 3, decide(2, 'rolledBack')).state;
    assert.deepEqual([back.champion?.model[0], back.previous, back.probation], ['a', null, 0]);
    const kept = apply(state, 3, decide(2, 'kept')).state;
    assert.equal(due(apply(kept, 4, labels).state, 4), undefined);
  });

  it('begins nothing while it is paused, nor before it is declared', () => {
    assert.throws(() => apply(loops.initial, 0, ask('person')), { code: 'TY2510' });
    const paused = after([0, declare()], [1, { kind: 'pause', why: 'a freeze' }], [2, ask('person')]);
    assert.equal(due(paused, 2), undefined);
    assert.equal(due(apply(paused, 3, { kind: 'resume' }).state, 3)?.[0], 'train');
  });

  it('keeps its champion when it is declared anew, and refuses another one', () => {
    const state = after([0, declare()], [1, { kind: 'adopt', champion: model('b'), why: 'by hand' }]);
    assert.equal(apply(state, 2, { kind: 'declare', policy: policy() }).state.champion?.model[0], 'b');
    assert.throws(() => apply(state, 2, declare()), { code: 'TY2511' });
  });

  it('stays below 16 KiB', () => {
    let state = after([0, declare({ coolDown: '0 hours', budget: { trainings: 100, per: '900 days' } })]);
    const long = 'x'.repeat(300);
    for (let round = 1; round <= 150; round++) {
      for (const cause of ['drift', 'schedule', 'person'] as const) state = apply(state, round, ask(cause, long)).state;
      if (nextRound(state, start + round * hour)!.at > start + round * hour) break;
      state = apply(state, round, train).state;
      const decision = {
        round,
        verdict: 'refused',
        sentence: 'x'.repeat(600),
        evidence: model('c').candidate,
      } as const;
      state = apply(state, round, { kind: 'decide', decision: { ...decision, model: 'd'.repeat(64) } }).state;
    }
    assert.equal(state.rounds, 100);
    const { length } = JSON.stringify(loops.state.parse(state));
    assert.ok(length < 16 * 1024, `${length} characters`);
  });
});

describe('the gate', () => {
  const comparison = (lower: number, upper: number, more: Partial<Comparison> = {}) =>
    Comparison.parse({
      metric: 'auc',
      challenger: 0.75,
      champion: 0.74,
      gain: 0.01,
      interval: { lower, upper, confidence: 0.95 },
      rows: 1_000,
      ...more,
    });

  it('lets pass only what lies above the margin as a whole', () => {
    assert.deepEqual(objectionsTo(comparison(0.006, 0.02), { margin: 0.005 }), []);
    assert.match(objectionsTo(comparison(0.004, 0.02), { margin: 0.005 })[0]!, /margin of 0.005/);
    assert.equal(isWorse(comparison(-0.02, -0.006), { margin: 0.005 }), true);
    assert.equal(isWorse(comparison(-0.02, -0.004), { margin: 0.005 }), false);
  });

  it('objects to groups that differ and to a model that is slow', () => {
    const groups = [{ column: 'origin', measure: 'true positive rate', challenger: 0.2, champion: 0.1 }];
    const latencyMs = { challenger: 3, champion: 1 };
    const gate = { margin: 0, maxGroupDifference: 0.1, maxLatencyRatio: 2 };
    const objections = objectionsTo(comparison(0.01, 0.02, { groups, latencyMs }), gate);
    assert.match(objections[0]!, /groups of origin differ by 0.200/);
    assert.match(objections[1]!, /3.0 times as long/);
  });

  it('says why it trained', () => {
    const at = new Date(start).toISOString();
    const triggers = [
      { cause: 'drift', why: 'PSI of temp 5.2', at },
      { cause: 'rows', why: '27,000 new labelled rows', at },
    ] as const;
    assert.equal(triggersInWords(triggers), 'asked for by drift (PSI of temp 5.2) and 27,000 new labelled rows');
  });
});

import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { bar, duration, quantity, sparkline } from '../../src/cli/figures.js';
import type { Snapshot } from '../../src/cli/follow-run.js';
import { liveView } from '../../src/cli/live-view.js';
import { Paces } from '../../src/cli/pace.js';
import { placeSentence, standing } from '../../src/cli/standing.js';
import { plainLine, RunEvents } from '../../src/cli/run-events.js';
import type { StageStatus } from '../../src/client/run-status.js';

const began = new Date('2026-06-01T00:00:00Z');
const later = (seconds: number) => began.getTime() + seconds * 1_000;

const train: StageStatus = {
  stage: 'train',
  call: 0,
  stageKey: 'churn/run/train-1',
  activityId: '2',
  pool: 'gpu',
  state: 'running',
  scheduledAt: began,
  startedAt: began,
  closedAt: undefined,
  waitingSince: undefined,
  log: undefined,
  cached: undefined,
  attempts: 1,
  progress: { done: 1_200, total: 5_000, unit: 'steps' },
  failure: undefined,
  worker: 'gpu-1',
};

function snapshot(stage: StageStatus, notes: readonly string[] = []): Snapshot {
  const points = [3, 2, 1].map((loss, step) => ({ step, time: 0, attempt: 1, values: { loss } }));
  return {
    status: {
      workflowId: 'churn/run',
      runId: 'r',
      pipeline: 'churnTraining',
      state: 'running',
      startedAt: began,
      closedAt: undefined,
      priority: 3,
      tenant: undefined,
      place: undefined,
      stages: [stage],
      approvals: [],
      budget: undefined,
      waitingSince: undefined,
      problem: undefined,
    },
    curves: new Map([[stage, points]]),
    notes,
  };
}

describe('a run on a terminal', () => {
  it('shows stages with pool, state, attempt and time, progress with rate and ETA, and the curve of the loss', () => {
    const canvas = { now: later(10), width: 80, paces: new Paces() };
    const lines = liveView(snapshot(train, ['no worker serves pool cpu']), canvas).map((line) =>
      stripVTControlCharacters(line).trimEnd(),
    );
    assert.deepEqual(lines, [
      'churnTraining  churn/run  10 s',
      '',
      '  ● train              gpu    running       10 s',
      '    ▓▓▓▓▓░░░░░░░░░░░░░░░ 1,200 of 5,000 steps · 120/s · 32 s left',
      '    loss ██▁ 1.00',
      '',
      'no worker serves pool cpu',
    ]);
  });
});

describe('a run among others', () => {
  it('tells its priority and its tenant where they are not as usual, and its turn', () => {
    const { status } = snapshot(train);
    assert.equal(standing(status), '');
    assert.equal(standing({ priority: 1, tenant: 'acme' }), ', priority 1, tenant acme');
    const place = { tenant: 'acme', maxRuns: 3, ahead: 2, orMore: false };
    assert.equal(placeSentence(place), 'waits for a place of tenant acme, which may have 3 runs: 2 ahead');
    assert.match(placeSentence({ ...place, maxRuns: 1, ahead: 100, orMore: true }), /1 run: 100 or more ahead$/);
    const waiting = { ...snapshot(train), status: { ...status, tenant: 'acme', stages: [], place } };
    const lines = liveView(waiting, { now: later(1), width: 80, paces: new Paces() });
    assert.match(stripVTControlCharacters(lines.join('\n')), /^churnTraining {2}churn\/run, tenant acme {2}1\.0 s\n$/);
  });
});

describe('a run as events', () => {
  it('tells each change once, and progress now and then', () => {
    const events = new RunEvents(1_000);
    const first = events.of(snapshot(train), later(1));
    assert.deepEqual(
      first.map(({ type }) => type),
      ['run', 'stage', 'progress', 'metrics'],
    );
    assert.deepEqual(events.of(snapshot(train), later(1.1)), []);
    const further = { ...train, progress: { done: 1_300, total: 5_000, unit: 'steps' } };
    assert.deepEqual(events.of(snapshot(further), later(1.2)), []);
    assert.deepEqual(
      events.of(snapshot({ ...further, progress: { ...further.progress, done: 1_400 } }), later(3)).map(plainLine),
      ['train: 1,400 of 5,000 steps'],
    );
    // What came too soon to be told is not forgotten.
    const last = { ...further, progress: { ...further.progress, done: 1_500 } };
    assert.deepEqual(events.of(snapshot(last), later(3.1)), []);
    assert.deepEqual(events.of(snapshot(last), later(5)).map(plainLine), ['train: 1,500 of 5,000 steps']);
    const done = { ...train, state: 'completed' as const, closedAt: new Date(later(200)) };
    assert.deepEqual(events.of(snapshot(done), later(201)).map(plainLine), ['train on gpu: completed (3 m 20 s)']);
  });
});

describe('figures', () => {
  it('are short', () => {
    assert.deepEqual([0.02134, 3.44, 1_234.5].map(quantity), ['0.021', '3.4', '1,235']);
    assert.deepEqual([420, 12_000, 200_000, 7_500_000].map(duration), ['0.4 s', '12 s', '3 m 20 s', '2 h 05 m']);
    assert.equal(bar(0.5, 4), '▓▓░░');
    assert.equal(sparkline([1, 1, 1], 10), '▁▁▁');
    assert.equal(sparkline([0, NaN, 7], 10), '▁█');
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 4), '▁▅██');
    assert.equal(sparkline([], 4), '');
  });
});

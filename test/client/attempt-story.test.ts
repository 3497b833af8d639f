import assert from 'node:assert/strict';
import { attemptStory } from '../../src/client/attempt-story.js';
import type { AttemptEvent, AttemptRecord } from '../../src/records/attempt-log.js';

const attempt = (...events: AttemptEvent[]): AttemptRecord => ({
  token: 't',
  events: events.map((event) => ({ ...event, at: '2026-11-21T00:00:00.000Z' })),
});
const start = (number: number): AttemptEvent => ({ event: 'start', attempt: number, worker: 'gpu-1' });
const from = (seq: number, number: number): AttemptEvent => ({
  event: 'base',
  checkpoint: `checkpoints/run/train/t/${String(seq).padStart(9, '0')}.json`,
  fromAttempt: number,
});
const afresh: AttemptEvent = { event: 'base', checkpoint: null };

describe('the story of a stage call', () => {
  it('is a sentence for each attempt: where it began, what it met, how it ended', () => {
    const story = attemptStory([
      attempt(start(1), afresh),
      attempt(start(2), from(7, 1), {
        event: 'end',
        outcome: 'failed',
        class: 'OutOfMemory',
        message: 'killed at 16 GB',
        evidence: {},
      }),
      attempt(start(3), { event: 'damaged', key: 'checkpoints/x', reason: 'torn' }, from(6, 1), {
        event: 'end',
        outcome: 'failed',
        class: 'Preempted',
        message: 'SIGTERM',
        evidence: {},
      }),
      attempt(start(4), from(8, 3), { event: 'numerics', changed: ['threads'] }, { event: 'end', outcome: 'paused' }),
      attempt(start(5), afresh),
    ]);
    assert.deepEqual(story, [
      'attempt 1 began, and lost its worker',
      'attempt 2 resumed from checkpoint 7 of attempt 1, and failed as OutOfMemory: killed at 16 GB',
      'attempt 3 resumed from checkpoint 6 of attempt 1, skipped a damaged record (checkpoints/x: torn), and was drained',
      'attempt 4 resumed from checkpoint 8 of attempt 3, resumed on different numerics (threads), and was paused',
      'attempt 5 began afresh, and has not ended',
    ]);
  });

  it('names the attempt by which one was superseded, however it learned of that', () => {
    const ended = (evidence: Record<string, string>): AttemptEvent => ({
      event: 'end',
      outcome: 'failed',
      class: 'Preempted',
      message: 'too late',
      evidence,
    });
    const story = attemptStory([
      attempt(start(1), afresh, ended({ reason: 'superseded' })),
      attempt(start(2), afresh, ended({ error: 'TrainyardError', code: 'TY1302' })),
      attempt(start(3), afresh, ended({ reason: 'superseded' })),
    ]);
    assert.deepEqual(story, [
      'attempt 1 began, and was superseded by attempt 2',
      'attempt 2 began afresh, and was superseded by attempt 3',
      'attempt 3 began afresh, and was given up: nobody waited for it any more',
    ]);
  });

  it('tells at which step a worker was lost, and how many steps were repeated', () => {
    const base = (seq: number, step: number, reached: number): AttemptEvent =>
      ({ ...from(seq, 1), step, reached }) as AttemptEvent;
    const story = attemptStory([
      attempt(start(1), afresh),
      attempt(start(2), base(7, 1_150, 1_200)),
      attempt(
        { ...start(3), adaptation: 'Diverged: rate 0.1 → 0.05' } as AttemptEvent,
        { ...base(6, 1_000, 1_200), passedOver: 1 } as AttemptEvent,
      ),
    ]);
    assert.deepEqual(story, [
      'attempt 1 began, and lost its worker at step 1,200',
      'attempt 2 resumed from checkpoint 7 of attempt 1 at step 1,150, 50 steps repeated, and lost its worker at step 1,200',
      'attempt 3 (Diverged: rate 0.1 → 0.05) resumed from checkpoint 6 of attempt 1 at step 1,000, passing over 1 newer, 200 steps repeated, and has not ended',
    ]);
  });
});

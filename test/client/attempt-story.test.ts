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
});

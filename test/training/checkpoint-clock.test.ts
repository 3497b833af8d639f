import assert from 'node:assert/strict';
import { CheckpointClock } from '../../src/training/checkpoint-clock.js';

describe('CheckpointClock', () => {
  it('counts steps from where the loop began and from the last save', async () => {
    const clock = new CheckpointClock({ steps: 10 }, 95);
    assert.equal(clock.due(104, false), false);
    assert.equal(clock.due(105, false), true);
    await clock.timed(105, () => Promise.resolve());
    assert.equal(clock.due(114, false), false);
    assert.equal(clock.due(115, false), true);
  });

  it('waits for seconds where told so, however many steps are done', () => {
    assert.equal(new CheckpointClock({ seconds: 3600 }, 0).due(1e9, false), false);
    assert.equal(new CheckpointClock({ seconds: 1e-12 }, 0).due(0, false), true);
  });

  it('lets a snapshot that is on its way arrive first where told seconds, and waits for it where told steps', () => {
    assert.equal(new CheckpointClock({ seconds: 1e-12 }, 0).due(0, true), false);
    assert.equal(new CheckpointClock({ steps: 1 }, 0).due(1, true), true);
  });
});

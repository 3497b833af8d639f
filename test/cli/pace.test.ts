/** How fast a stage is said to get on. @module */
import assert from 'node:assert/strict';
import { Paces } from '../../src/cli/pace.js';
import type { StageStatus } from '../../src/client/run-status.js';

const second = 1_000;

describe('the pace of a stage', () => {
  it('is counted from the start of a first attempt that has reported once', () => {
    const paces = new Paces();
    assert.deepEqual(paces.of(reporting({ done: 500, total: 2_000 }), 5 * second), { rate: 100, leftMs: 15 * second });
  });

  it('leaves out what came before the first report once there is a second one', () => {
    const paces = new Paces();
    paces.of(reporting({ done: 100, total: 1_100 }), 10 * second);
    assert.deepEqual(paces.of(reporting({ done: 300, total: 1_100 }), 12 * second), { rate: 100, leftMs: 8 * second });
  });

  it('does not sink between two reports, while the time that is left does', () => {
    const paces = new Paces();
    paces.of(reporting({ done: 100, total: 1_100 }), 10 * second);
    paces.of(reporting({ done: 300, total: 1_100 }), 12 * second);
    assert.deepEqual(paces.of(reporting({ done: 300, total: 1_100 }), 15 * second), { rate: 100, leftMs: 5 * second });
  });

  it('begins anew in another unit', () => {
    const paces = new Paces();
    paces.of(reporting({ done: 100_000, unit: 'rows' }), 10 * second);
    assert.equal(paces.of(reporting({ done: 100, unit: 'steps' }), 20 * second), undefined);
    assert.deepEqual(paces.of(reporting({ done: 150, unit: 'steps' }), 21 * second), { rate: 50, leftMs: undefined });
  });

  it('is unknown when an attempt has just resumed: most of it was done by others', () => {
    assert.equal(new Paces().of(reporting({ done: 900, total: 1_000, attempts: 2 }), second), undefined);
  });
});

function reporting({
  unit = 'steps',
  attempts = 1,
  ...progress
}: {
  done: number;
  total?: number;
  unit?: string;
  attempts?: number;
}): StageStatus {
  return {
    stage: 'train',
    call: 0,
    stageKey: undefined,
    activityId: '1',
    pool: 'gpu',
    state: 'running',
    scheduledAt: new Date(0),
    startedAt: new Date(0),
    closedAt: undefined,
    waitingSince: undefined,
    log: undefined,
    cached: undefined,
    attempts,
    progress: { ...progress, unit },
    failure: undefined,
    worker: undefined,
  };
}

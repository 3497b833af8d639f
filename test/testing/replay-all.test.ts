import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replayAll } from '../../src/testing/replay-all.js';
import { quietRuntime } from '../support/engine.js';

const recorded = fileURLToPath(new URL('../../../test/replay/histories/0.1.0/small/counting.json', import.meta.url));

describe('replaying histories', function () {
  this.timeout(120_000);
  before(quietRuntime);

  it('names the history that a changed pipeline breaks, and the event where it does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ty-replay-'));
    try {
      copyFileSync(recorded, join(folder, 'before.json'));
      const workflowsPath = fileURLToPath(new URL('./changed-workflows.js', import.meta.url));
      const [replay, ...others] = await replayAll({ workflowsPath, folder });
      assert.deepEqual([replay?.file, others], ['before.json', []]);
      const { source, ...divergence } = replay?.divergence ?? {};
      assert.deepEqual(divergence, {
        event: { id: 5, type: 'ActivityTaskScheduled' },
        history: 'activity prepare',
        code: 'activity count',
      });
      assert.match(source ?? '', /test\/testing\/changed-workflows\.ts:9:\d+$/);
      assert.match(
        replay?.problem ?? '',
        /Nondeterminism error: Activity type of scheduled event 'prepare' does not match/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import assert from 'node:assert/strict';
import { AttemptFailure } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { readAttemptLog } from '../../src/records/attempt-log.js';
import { wide } from './stages.js';
import { callerOf } from './support.js';

const implementation = implementStage(wide).inChild(new URL('./wide-trainer.js', import.meta.url));

describe('a stage with a limit on memory', () => {
  it('runs out of it, says by which limit, and completes in smaller parts as its contract says', async () => {
    let input = { microBatches: 1 };
    for (let failures = 0; ;) {
      const caller = await callerOf(implementation);
      const ended: unknown = await caller.attempt(input).envelope.catch((error: unknown) => error);
      const [attempt] = await readAttemptLog(caller.store, caller.stageKey);
      const params = attempt?.events.find(({ event }) => event === 'params');
      assert.match(JSON.stringify(params), /"limits\.memory":"340 MiB by (cgroup v[12]|RLIMIT_DATA)"/);
      if (!(ended instanceof AttemptFailure)) break;

      const { failureClass, details, message } = ended;
      assert.equal(failureClass, 'OutOfMemory', `${message} ${JSON.stringify(details.evidence)}`);
      assert.equal(details.evidence['memoryLimitBytes'], 340 * 2 ** 20);
      const answer = wide.adaptations.OutOfMemory;
      const adapted = answer?.adapt(input, ++failures, details.evidence)?.input;
      assert.ok(adapted && failures <= answer.atMost, message);
      input = wide.input.parse(adapted);
    }
    assert.ok(input.microBatches > 1);
  });
});

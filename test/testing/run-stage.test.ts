import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { AttemptFailure, AttemptInterrupted } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { openStore } from '../../src/artifacts/open-store.js';
import { runStage } from '../../src/testing/run-stage.js';
import * as stages from '../integration/project/activities.js';
import { expectedSum } from '../integration/project/expected-sum.js';
import { useProjectFolder } from '../support/project.js';

describe('runStage', () => {
  const project = useProjectFolder();
  const openProjectStore = () => openStore('file:store', { baseFolder: project().folder });

  it('runs a handler in this process, on a store in memory', async () => {
    const { output, attempts } = await runStage(stages.prepare, { input: { seed: 3 } });
    assert.deepEqual([output, attempts], [{ seed: 3 }, 1]);
  });

  it('runs a trainer in a child process, and leaves nothing where no store was given', async () => {
    const { output } = await runStage(stages.count, { input: { steps: 4 } });
    assert.equal(output.sum, expectedSum(4));
  });

  it('resumes the same call from its newest checkpoint, and another one from where it is told', async () => {
    const store = await openProjectStore();
    const { gate, open } = project();
    const held = gate();
    const input = { steps: 4, holdAt: 3, gate: held };
    const stopped = new AbortController();
    const stageKey = 'local/count-1';
    const first = runStage(stages.count, {
      input,
      store,
      stageKey,
      signal: stopped.signal,
      onProgress: ({ done }) => {
        if (done === 2) stopped.abort();
      },
    });
    await assert.rejects(first, AttemptInterrupted);
    open(held);
    const second = await runStage(stages.count, { input, store, stageKey });
    assert.deepEqual([second.output.sum, second.attempts], [expectedSum(4), 2]);

    const steps: number[] = [];
    const further = await runStage(stages.count, {
      input: { steps: 6 },
      store,
      resumeFrom: stageKey,
      onProgress: ({ done }) => steps.push(done),
    });
    assert.equal(further.output.sum, expectedSum(6));
    assert.ok(
      steps.every((step) => step === 0 || step >= 5),
      steps.join(),
    );
  });

  it('fails with the class and the evidence of the failure', async () => {
    await assert.rejects(runStage(stages.broken, { input: {} }), (error) => {
      assert.ok(error instanceof AttemptFailure);
      assert.equal(error.failureClass, 'ContractViolation');
      return true;
    });
    await assert.rejects(runStage(stages.prepare, { input: { seed: 0.5 } }), /stage prepare: input\.seed: .*got 0\.5/);
  });

  it('leaves no scratch folder behind', async () => {
    let scratch = '';
    const peek = implementStage(stages.prepare.contract).with((ctx) => {
      scratch = ctx.scratch;
      assert.ok(existsSync(scratch));
      return Promise.resolve({ seed: 1 });
    });
    await runStage(peek, { input: { seed: 1 } });
    assert.ok(!existsSync(scratch));
  });
});

import assert from 'node:assert/strict';
import { withPipelines } from '../support/pipelines.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);

/** No workflow calls one, but a worker has to have some. */
const stages = { identify: () => ({}) };

describe('a loop without an end', () => {
  it('goes on in a new run once its history is long, with its budget and all that it was told', () =>
    withPipelines(workflows, stages, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.looping, { input: {}, budget: { deviceHours: 2 } });
      for (let told = 0; told < 3; told++) await run.workflow.signal('tell');
      assert.deepEqual(await run.result(), { told: 3, rounds: 2 });
      const status = await run.status();
      assert.equal(status.state, 'completed');
      assert.deepEqual(status.budget?.limits, { deviceHours: 2 });
      const listed = [];
      for await (const { workflowId, runId } of pipelines.list()) if (workflowId === run.workflowId) listed.push(runId);
      assert.ok(listed.length <= 1, 'the run that it was continued from is no run of its own');
    }));

  it('stays in its run while somebody is asked for a decision on it', () =>
    withPipelines(workflows, stages, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.looping, { input: { ask: true } });
      assert.deepEqual(await run.result(), { told: 0, rounds: 1 });
    }));
});

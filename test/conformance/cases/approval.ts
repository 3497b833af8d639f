/** A decision by Update, beside one that is refused. @module */
import assert from 'node:assert/strict';
import { until } from '../../support/until.js';
import { type Case, workflows } from '../case.js';
import { asking } from '../project/contracts.js';

export const approval: Case = {
  name: 'approval',
  histories: async (stand) => {
    await stand.startPipelines(workflows);
    await stand.startPool();
    const run = await stand.pipelines.start(asking, { input: {} });
    await until(async () => (await run.status()).approvals.length === 1);
    await run.approve('promotion', { by: 'ada', reason: 'read' });
    assert.deepEqual(await run.result(), { verdict: 'approved' });
    await assert.rejects(run.reject('promotion', { by: 'bob', reason: 'too late' }));
    return { run: run.workflow };
  },
};

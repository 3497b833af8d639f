/** Attempts that fail and one that succeeds; a breach of contract that is not retried. @module */
import assert from 'node:assert/strict';
import { type Case, workflows } from '../case.js';
import { retrying } from '../project/contracts.js';

export const retry: Case = {
  name: 'retry',
  histories: async (stand) => {
    await stand.startPipelines(workflows);
    await stand.startPool();
    const run = await stand.pipelines.start(retrying, { input: { failures: 2 } });
    assert.deepEqual(await run.result(), { attempt: 3, failure: 'ContractViolation' });
    return { run: run.workflow };
  },
};

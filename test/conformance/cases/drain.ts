/** A worker that is drained while its stage works: another one takes over. @module */
import assert from 'node:assert/strict';
import { until } from '../../support/until.js';
import { type Case, workflows } from '../case.js';
import { waiting } from '../project/contracts.js';

export const drain: Case = {
  name: 'drain',
  histories: async (stand) => {
    await stand.startPipelines(workflows);
    const first = await stand.startPool();
    const run = await stand.pipelines.start(waiting, { input: { waits: 1 } });
    await until(async () => (await run.status()).stages[0]?.state === 'running');
    await first.stop();
    await stand.startPool();
    assert.deepEqual(await run.result(), { attempt: 2 });
    return { run: run.workflow };
  },
};

/** A run that is cancelled while its stage works: the stage is told, and obeys. @module */
import assert from 'node:assert/strict';
import { until } from '../../support/until.js';
import { type Case, workflows } from '../case.js';
import { waiting } from '../project/contracts.js';

export const cancel: Case = {
  name: 'cancel',
  histories: async (stand) => {
    await stand.startPipelines(workflows);
    await stand.startPool();
    const run = await stand.pipelines.start(waiting, { input: { waits: 1 } });
    await until(async () => (await run.status()).stages[0]?.state === 'running');
    await run.workflow.cancel();
    await assert.rejects(run.result());
    return { run: run.workflow };
  },
};

/** A retraining loop that promotes its first model and refuses the second. @module */
import assert from 'node:assert/strict';
import { Loops } from '../../../src/client/loops.js';
import { loops as loopRules } from '../../../src/contracts/loop-rules.js';
import { entityWorkflowId, roundRunId } from '../../../src/contracts/names.js';
import * as contracts from '../../entities/loop-contracts.js';
import { until } from '../../support/until.js';
import type { Case } from '../case.js';

const by = 'ada';

export const loop: Case = {
  name: 'loop',
  histories: async ({ project: { name: project }, store, startPipelines, engine: { client } }) => {
    await startPipelines(new URL('../../entities/loop-workflows.js', import.meta.url));
    const loops = new Loops({ project, store, client });
    await loops.declare(contracts.tried, { by, reason: 'conformance' });
    const verdicts: string[] = [];
    // The reason is the challenger's AUC.
    for (const reason of ['0.7', '0.702']) {
      await loops.trigger('tried', {}, { by, reason });
      await until(async () => (await loops.show('tried')).state.decisions.length > verdicts.length);
      const { decisions } = (await loops.show('tried')).state;
      verdicts.push(decisions.find(({ round }) => round === verdicts.length + 1)?.verdict ?? 'none');
    }
    assert.deepEqual(verdicts, ['promoted', 'refused']);
    return {
      entity: client.workflow.getHandle(entityWorkflowId(project, loopRules.kind, 'tried')),
      round: client.workflow.getHandle(roundRunId(project, 'tried', 1)),
    };
  },
};

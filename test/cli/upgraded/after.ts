/** The same with one more stage: whoever is past it cannot go on. @module */
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const stages = proxyStages(contracts.promoting.stages);

export const promoting = implementPipeline(contracts.promoting).with(async (run) => {
  await stages.train({});
  await stages.audit({}); // the line that `trainyard check` names
  const { verdict } = await run.approval('go', { evidence: 'before', expiresIn: '1 hour' });
  return { verdict };
});

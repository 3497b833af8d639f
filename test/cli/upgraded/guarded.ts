/** The same stage, for runs that come by from now on. @module */
import { patched } from '@temporalio/workflow';
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const stages = proxyStages(contracts.promoting.stages);

export const promoting = implementPipeline(contracts.promoting).with(async (run) => {
  await stages.train({});
  if (patched('audit')) await stages.audit({});
  const { verdict } = await run.approval('go', { evidence: 'before', expiresIn: '1 hour' });
  return { verdict };
});

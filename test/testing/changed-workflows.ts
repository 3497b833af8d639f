/** The counting pipeline as somebody changed it without asking what runs are open: its stages the other way round. @module */
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../src/workflow/proxy-stages.js';
import * as contracts from '../integration/project/contracts.js';

const stages = proxyStages(contracts.counting.stages);

export const counting = implementPipeline(contracts.counting).with(async (_run, input) => {
  const output = await stages.count({ seed: input.seed, steps: input.steps });
  await stages.prepare({ seed: input.seed });
  return output;
});

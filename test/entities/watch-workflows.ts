/** The workflow of a monitor that takes the standard look. @module */
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../src/workflow/proxy-stages.js';
import { standardLook } from '../../workflows/standard-look.js';
import { Settings, standard as contract } from './watch-contracts.js';

export { monitor as 'trainyard:monitors' } from '../../src/entities/monitor.js';

export const standard = implementPipeline(contract.pipeline).with(
  standardLook(proxyStages(contract.stages), {
    reference: ({ settings }) => Settings.parse(settings),
    columns: ['wind'],
    groups: ['region'],
    limits: { errorRate: 0.05, latencyP99Ms: 1_000, leastAnswers: 5, latencyRatio: Infinity },
  }),
);

/** The pipeline. @module */
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import * as contracts from './contracts.js';

const stages = proxyStages(contracts.penguins.stages);

export const penguins = implementPipeline(contracts.penguins).with(async (_run, input) => {
  const { dataset } = await stages.ingest({
    sources: { measured: { path: input.source } },
    sql: 'SELECT * FROM measured WHERE beakLength IS NOT NULL',
    splits: { by: 'hash', key: ['id'], weights: { train: 7, test: 3 } },
    orderBy: ['id'],
  });
  const { network, scores } = await stages.train({ dataset });
  const { accuracy, temperature } = await stages.calibrate({ scores });
  if (accuracy < input.minAccuracy)
    return { outcome: 'rejected', reason: `accuracy ${accuracy} is below ${input.minAccuracy}` };
  return { outcome: 'accepted', network, accuracy, temperature };
});

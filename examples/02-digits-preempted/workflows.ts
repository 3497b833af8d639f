/** The pipeline: read the digits, train on them. @module */
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import * as contracts from './contracts.js';

const stages = proxyStages(contracts.digits.stages);

export const digits = implementPipeline(contracts.digits).with(async (_run, { seed, epochs }) => {
  const { train, test } = await stages.ingest({});
  return stages.train({ train, test, seed, epochs });
});

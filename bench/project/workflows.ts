/** The pipelines. @module */
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import * as contracts from './contracts.js';

const { one, two, three, four, five, six } = proxyStages(contracts.sixStages.stages);

export const sixStages = implementPipeline(contracts.sixStages).with(async (_run, input) =>
  six(await five(await four(await three(await two(await one(input)))))),
);

const { walk } = proxyStages(contracts.walking.stages);

export const walking = implementPipeline(contracts.walking).with((_run, input) => walk(input));

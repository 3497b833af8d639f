/** The pipelines. @module */
import { implementPipeline, mapStage, proxyStages } from 'trainyard/workflow';
import * as contracts from './contracts.js';

const { one, two, three, four, five, six } = proxyStages(contracts.sixStages.stages);

export const sixStages = implementPipeline(contracts.sixStages).with(async (_run, input) =>
  six(await five(await four(await three(await two(await one(input)))))),
);

export const oneOfMany = implementPipeline(contracts.oneOfMany).with((_run, { items, concurrency }) =>
  mapStage(one, items, { concurrency }),
);

export const ones = implementPipeline(contracts.ones).with(async (_run, { stages, atOnce }) => {
  if (atOnce) {
    const each = Array.from({ length: stages }, () => ({ count: 0 }));
    return { count: (await mapStage(one, each, { concurrency: stages })).length };
  }
  let last = { count: 0 };
  for (let done = 0; done < stages; done++) last = await one(last);
  return last;
});

const { oneKept } = proxyStages(contracts.oneFromCache.stages);

export const oneFromCache = implementPipeline(contracts.oneFromCache).with((_run, input) => oneKept(input));

const { walk } = proxyStages(contracts.walking.stages);

export const walking = implementPipeline(contracts.walking).with((_run, input) => walk(input));

export const oneSlice = implementPipeline(contracts.oneSlice).with((_run, { to }) => Promise.resolve({ to }));

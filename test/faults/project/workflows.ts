/** The pipelines of the project: the file that its pipelines worker bundles. @module */
import { defineUpdate, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { mapStage } from '../../../src/workflow/map-stage.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const stages = proxyStages({
  ...contracts.counting.stages,
  ...contracts.learning.stages,
  ...contracts.hungering.stages,
  ...contracts.crashing.stages,
  ...contracts.garbling.stages,
  ...contracts.bursting.stages,
  ...contracts.marking.stages,
});

interface Place {
  readonly pool: string;
  readonly heartbeatSeconds: number;
  readonly stallSeconds: number;
}

const at = ({ pool, heartbeatSeconds, stallSeconds }: Place) =>
  ({ pool, limits: { heartbeat: `${heartbeatSeconds} seconds`, stall: `${stallSeconds} seconds` } }) as const;

export const counting = implementPipeline(contracts.counting).with((_run, input) =>
  stages.count.with(at(input))(input),
);

export const learning = implementPipeline(contracts.learning).with((_run, input) =>
  stages.learn.with(at(input))(input),
);

export const hungering = implementPipeline(contracts.hungering).with((_run, input) =>
  stages.hunger.with(at(input))(input),
);

export const crashing = implementPipeline(contracts.crashing).with((_run, input) => stages.crash.with(at(input))({}));

export const garbling = implementPipeline(contracts.garbling).with((_run, input) =>
  stages.garble.with(at(input))(input),
);

export const bursting = implementPipeline(contracts.bursting).with((_run, { inWorker, ...input }) =>
  (inWorker ? stages.burstInWorker : stages.burst).with(at(input))(input),
);

export const marking = implementPipeline(contracts.marking).with((_run, { items, concurrency, ...place }) =>
  mapStage(stages.mark.with(at(place)), items, { concurrency }),
);

export const watching = implementPipeline(contracts.watching).with(async (run, input) => {
  const { folder, events, past } = input;
  let { ticks, sum, told } = past;
  setHandler(defineUpdate<number, [number]>(contracts.tellUpdate), (number) => {
    if (number > told + 1) throw new RangeError(`${told} was told before ${number}: what lies between is lost`);
    return (told = Math.max(told, number));
  });
  const eventsSoFar = () => past.events + workflowInfo().historyLength;
  while (eventsSoFar() < events) {
    await sleep(5);
    const numbers = Array.from({ length: contracts.lanes }, (_, lane) => ticks * contracts.lanes + lane);
    const squares = await Promise.all(numbers.map((n) => stages.mark.with(at(input))({ n, folder })));
    sum = squares.reduce((total, { square }) => (total + square) % 1_000_003, sum);
    ticks += 1;
    await run.continueWhenLong(() => ({ ...input, past: { events: eventsSoFar(), ticks, sum, told } }));
  }
  return { ticks, sum, told };
});

/** The pipelines of the project: the file that its pipelines worker bundles. @module */
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const stages = proxyStages({
  ...contracts.counting.stages,
  ...contracts.learning.stages,
  ...contracts.hungering.stages,
  ...contracts.crashing.stages,
  ...contracts.garbling.stages,
  ...contracts.bursting.stages,
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

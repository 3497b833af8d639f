/** The pipelines of the project: the file that its pipelines worker bundles. @module */
import { defineUpdate, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Finding } from '../../../src/contracts/alerts.js';
import { implementLoop } from '../../../src/workflow/implement-loop.js';
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

/** A round leaves two marks, one after the other, and a third where its model, as good as its number says, is rolled out. */
export const retraining = implementLoop(contracts.retraining).with({
  prepare: ({ round, settings }) => markOf(settings, 3 * round),
  train: async ({ round, settings }) => {
    const square = await markOf(settings, 3 * round + 1);
    const sha256 = String(square).padStart(64, '0');
    const ref = { uri: `artifact://sha256/${sha256}`, sha256, sizeBytes: 7 };
    return {
      model: { ...ref, kind: 'model', inputs: [], outputs: [] },
      metrics: { auc: 0.5 + ((round * 37) % 100) / 1_000 },
    };
  },
  compare: (_round, _data, { challenger, champion }) => {
    const [one, other] = [challenger.metrics['auc'] ?? 0, champion.metrics['auc'] ?? 0];
    const gain = one - other;
    const interval = { lower: gain - 0.005, upper: gain + 0.005, confidence: 0.95 };
    return Promise.resolve({ metric: 'auc', challenger: one, champion: other, gain, interval, rows: 6_000 });
  },
  rollOut: async ({ round, settings }) => {
    await markOf(settings, 3 * round + 2);
    return { outcome: 'served' };
  },
});

/** A look leaves a mark; what two in a row find is over in the next two. */
export const overseeing = implementPipeline(contracts.overseeing.pipeline).with(
  async (_run, { look, at, settings }) => {
    const square = await markOf(settings, look - 1);
    const drift: Finding = {
      name: 'DataDrift',
      severity: 'warning',
      subject: { kind: 'deployment', name: 'marked' },
      summary: `look ${look}`,
      evidence: { figures: {}, refs: [] },
    };
    return { findings: look % 4 === 1 || look % 4 === 2 ? [drift] : [], cursor: at, figures: { square } };
  },
);

async function markOf(settings: unknown, n: number): Promise<number> {
  const place = contracts.MarkingPlace.parse(settings);
  return (await stages.mark.with(at(place))({ n, folder: place.folder })).square;
}

/** The pipeline: train on January to April, test on May, watch July. @module */
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import { trainAndDeploy } from 'trainyard/workflows';
import * as contracts from './contracts.js';
import { months, sql } from './flights.js';

const stages = proxyStages(contracts.flightDelays.stages);

export const flightDelays = implementPipeline(contracts.flightDelays).with(async (_run, input) => {
  const end = await trainAndDeploy({
    ingest: async () => {
      const { dataset } = await stages.ingest({
        sources: { flights: { path: input.flights }, weather: { path: input.weather } },
        sql,
        splits: { by: 'time', column: 'scheduled', boundaries: months },
        orderBy: ['scheduled'],
      });
      return dataset;
    },
    validate: (dataset) =>
      stages.validate({
        dataset,
        expectations: [
          { expect: 'rowCount', min: 100_000 },
          { expect: 'between', column: 'temp', min: -40, max: 130 },
          { expect: 'classBalance', column: 'late', min: 0.05 },
        ],
      }),
    train: (dataset) =>
      stages.train.with({ limits: { heartbeat: '5 seconds' } })({
        dataset,
        epochs: input.epochs,
        holdOut: 'last',
        seed: input.seed,
      }),
    evaluate: ({ model }, dataset) =>
      stages.evaluate({ model, dataset, slices: ['origin'], baseline: { by: ['hour'] } }),
    objection: ({ auc, baselineAuc }) => {
      const gain = auc - baselineAuc;
      return gain < input.minGain
        ? `the model's AUC is ${gain.toFixed(3)} above the baseline's, less than ${input.minGain}`
        : undefined;
    },
    deploy: ({ model, parity }) => stages.deploy({ model, parity, endpoint: input.endpoint }),
    monitor: ({ model }, dataset) =>
      stages.monitor({
        model,
        reference: { dataset, split: 'train' },
        batch: { dataset, split: 'july' },
        baseline: { by: ['hour'] },
      }),
  });
  const { auc, baselineAuc } = end.quality;
  const quality = { auc, baselineAuc, modelSha256: end.trained.model.sha256 };
  if (end.outcome === 'rejected') return { outcome: 'rejected', ...quality, reason: end.reason };
  const { endpoint, smoke } = end.served;
  const { verdict, reasons, worst, auc: julyAuc, naiveAuc } = end.watched;
  return {
    outcome: 'deployed',
    ...quality,
    endpoint,
    sample: smoke.input,
    drift: { verdict, reasons, worst, auc: julyAuc, naiveAuc },
  };
});

/** The loop's steps, the look at a month, and the mistake. @module */
import { columnsOf } from 'trainyard';
import { implementLoop, implementPipeline, proxyStages } from 'trainyard/workflow';
import { Flight } from '../01-flight-delays/contracts.js';
import { sql } from '../01-flight-delays/flights.js';
import type { z } from 'zod';
import * as contracts from './contracts.js';
import { recipe, shuffledSql } from './recipe.js';

const stages = proxyStages({
  ...contracts.flightRetraining.stages,
  ...contracts.flightMonth.stages,
});

type Spans = Readonly<Record<string, { readonly from?: string; readonly until: string }>>;

async function flightsOf(paths: unknown, boundaries: Spans, statement = sql) {
  const { flights, weather } = contracts.Tables.parse(paths);
  const sources = { flights: { path: flights }, weather: { path: weather } };
  const splits = { by: 'time', column: 'scheduled', boundaries } as const;
  const { dataset } = await stages.ingest({ sources, sql: statement, splits, orderBy: ['scheduled'] });
  return dataset;
}

export const flightRetraining = implementLoop(contracts.flightRetraining).with({
  prepare: ({ settings, window }) => flightsOf(settings, window),
  train: async (_round, dataset) => {
    const { model, parity, validation } = await stages.train({ dataset, ...recipe });
    return { model, parity, metrics: validation };
  },
  compare: (_round, dataset, { challenger, champion }) =>
    stages.compare({ challenger: challenger.model, champion: champion.model, dataset, groups: ['origin'] }),
  rollOut: async ({ endpoint }, { model, parity }) => {
    if (parity === undefined) throw new Error('a model of this loop comes with its parity samples');
    await stages.deploy({ model, parity, endpoint });
    return { outcome: 'served' };
  },
});

/** All that the model takes but the time itself, which never comes again. */
const watched = columnsOf(Flight).flatMap(({ name }) =>
  name === 'scheduled' || name === 'late' ? [] : [name as WatchedColumn],
);
type WatchedColumn = Exclude<keyof z.output<typeof Flight>, 'scheduled' | 'late'>;

export const flightMonth = implementPipeline(contracts.flightMonth).with(async (_run, input) => {
  const dataset = await flightsOf(input.tables, { reference: input.reference, month: input.month });
  const champion = input.champion.model;
  const [both, seen] = await Promise.all([
    stages.compare({ challenger: champion, champion: input.frozen.model, dataset, split: 'month' }),
    stages.monitor({
      model: champion,
      reference: { dataset, split: 'reference' },
      batch: { dataset, split: 'month' },
      columns: watched,
    }),
  ]);
  const { logLoss } = both.others;
  return {
    rows: both.rows,
    frozen: { auc: both.champion, logLoss: logLoss?.champion ?? 0 },
    champion: { auc: both.challenger, logLoss: logLoss?.challenger ?? 0 },
    drift: { verdict: seen.verdict, column: seen.worst.column, psi: seen.worst.psi },
  };
});

export const shuffledFlights = implementPipeline(contracts.shuffledFlights).with(async (_run, input) => {
  const { tables, until, endpoint } = input;
  const dataset = await flightsOf(tables, { train: { until } }, shuffledSql);
  const { model, parity, validation } = await stages.train({ dataset, ...recipe });
  await stages.deploy({ model, parity, endpoint });
  return { model, parity, metrics: validation };
});

/** The loop's steps, the monitor's look, and the mistake. @module */
import { columnsOf } from 'trainyard';
import { implementLoop, implementPipeline, proxyStages } from 'trainyard/workflow';
import { standardLook } from 'trainyard/workflows';
import type { z } from 'zod';
import { Flight } from '../01-flight-delays/contracts.js';
import { sql } from '../01-flight-delays/flights.js';
import * as contracts from './contracts.js';
import { beginning, daysBefore } from './months.js';
import { recipe, shuffledSql } from './recipe.js';

const stages = proxyStages({
  ...contracts.flightRetraining.stages,
  ...contracts.flightMonitor.stages,
  ...contracts.shuffledFlights.stages,
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
});

/** All that the model takes but the time itself, which never comes again. */
const watched = columnsOf(Flight).flatMap(({ name }) =>
  name === 'scheduled' || name === 'late' ? [] : [name as WatchedColumn],
);
type WatchedColumn = Exclude<keyof z.output<typeof Flight>, 'scheduled' | 'late'>;

/** Requests are compared with the sixty days before those that the look before has seen. */
export const flightMonitor = implementPipeline(contracts.flightMonitor.pipeline).with(
  standardLook(stages, {
    reference: async ({ settings, cursor }) => {
      const until = cursor ?? beginning;
      return { dataset: await flightsOf(settings, { train: { from: daysBefore(until, 60), until } }) };
    },
    columns: watched,
    timeColumn: 'scheduled', // the requests come today, and the flights leave in 2013
    limits: { latencyRatio: Infinity }, // one flight at a time, then a hundred: their times do not compare
  }),
);

export const shuffledFlights = implementPipeline(contracts.shuffledFlights).with(async (_run, input) => {
  const { tables, until, endpoint } = input;
  const dataset = await flightsOf(tables, { train: { until } }, shuffledSql);
  const { model, parity, validation } = await stages.train({ dataset, ...recipe });
  await stages.deploy({ model, parity, endpoint });
  return { model, parity, metrics: validation };
});

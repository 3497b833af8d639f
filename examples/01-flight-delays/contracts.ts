/** Will this flight arrive 15 minutes late or later? What each stage takes and gives. @module */
import { definePipeline } from 'trainyard';
import {
  deployStage,
  evaluateStage,
  ingestStage,
  monitorStage,
  trainTabularStage,
  validateStage,
} from 'trainyard/stages';
import { z } from 'zod';

/** What is known of a flight before it leaves, with the weather of its hour, and whether it came late. */
export const Flight = z.object({
  scheduled: z.iso.datetime(),
  hour: z.int().min(0).max(23),
  weekday: z.int().min(0).max(6),
  carrier: z.string(),
  origin: z.enum(['EWR', 'JFK', 'LGA']),
  dest: z.string(),
  distance: z.number().positive(),
  temp: z.number().nullable(),
  dewp: z.number().nullable(),
  humid: z.number().nullable(),
  wind_speed: z.number().nullable(),
  wind_gust: z.number().nullable(),
  precip: z.number().nullable(),
  pressure: z.number().nullable(),
  visib: z.number().nullable(),
  late: z.boolean(),
});

/** What the model answers. */
export const Score = z.object({ probability: z.number() });

export const ingest = ingestStage({ row: Flight });
export const validate = validateStage({ row: Flight });
export const train = trainTabularStage({ row: Flight, target: 'late' });
export const evaluate = evaluateStage({ row: Flight, target: 'late' });
export const deploy = deployStage({ input: Flight, output: Score });
export const monitor = monitorStage({ row: Flight, target: 'late' });

const quality = { auc: z.number(), baselineAuc: z.number(), modelSha256: z.string() };

export const flightDelays = definePipeline('flightDelays', {
  description: 'Trains on spring flights, deploys a model of late arrivals, and watches it meet July',
  input: z.object({
    flights: z.string().describe('Parquet file of flights'),
    weather: z.string().describe('Parquet file of hourly weather'),
    endpoint: z.string().default('flight-delays'),
    minGain: z.number().default(0.04).describe('AUC that the model must have above the baseline'),
    epochs: z.int().positive().default(6),
    seed: z.int().nonnegative().default(2013).describe('the same seed gives the same model'),
  }),
  output: z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('deployed'),
      ...quality,
      endpoint: z.string(),
      sample: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      drift: z.object({
        verdict: z.enum(['stable', 'drift']),
        reasons: z.array(z.string()),
        worst: z.object({ column: z.string(), psi: z.number() }),
        auc: z.number().optional(),
        naiveAuc: z.number().optional(),
      }),
    }),
    z.object({ outcome: z.literal('rejected'), ...quality, reason: z.string() }),
  ]),
  stages: { ingest, validate, train, evaluate, deploy, monitor },
});

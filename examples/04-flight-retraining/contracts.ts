/** A year of flights, month by month: a loop that keeps the model of example 01 good. What each part takes and gives. @module */
import { Candidate, defineLoop, definePipeline } from 'trainyard';
import { compareStage } from 'trainyard/stages';
import { z } from 'zod';
import { deploy, Flight, ingest, monitor, train } from '../01-flight-delays/contracts.js';

export const compare = compareStage({ row: Flight, target: 'late', name: 'compareFlights' });

/** Where the two tables of example 01 lie on the machine of whoever ingests. */
export const Tables = z.object({ flights: z.string(), weather: z.string() });

/** A month passes here in seconds: nothing waits for the clock on the wall. */
export const flightRetraining = defineLoop('flightRetraining', {
  description: 'Keeps a model of late arrivals good: trains when labels or drift ask for it, promotes what is better',
  stages: { ingest, train, compare, deploy },
  endpoint: 'flight-retraining',
  triggers: { rows: 20_000, drift: true },
  window: { fresh: '7 days' },
  gate: { margin: 0.005, maxLatencyRatio: 5 },
  debounce: '1 second',
  coolDown: '0 ms',
  budget: { trainings: 12, per: '1 day' },
  probation: 1,
});

const span = z.object({ from: z.iso.datetime(), until: z.iso.datetime() });
const quality = z.object({ auc: z.number(), logLoss: z.number() });

/** What a monitor finds in a month of flights that were answered: drift, and how two models did. */
export const flightMonth = definePipeline('flightMonth', {
  description: 'Looks at a month: its drift, and how the frozen model and the champion answered it',
  input: z.object({
    tables: Tables,
    month: span,
    /** What the champion was trained on, as far as it is compared with the month. */
    reference: span,
    frozen: Candidate,
    champion: Candidate,
  }),
  output: z.object({
    rows: z.int(),
    frozen: quality,
    champion: quality,
    drift: z.object({ verdict: z.enum(['stable', 'drift']), column: z.string(), psi: z.number() }),
  }),
  stages: { ingest, compare, monitor },
});

/** Somebody's mistake: a model that was trained on labels of other flights, put past the gate. */
export const shuffledFlights = definePipeline('shuffledFlights', {
  description: 'Trains on shuffled labels and deploys that past the gate, for the loop to find out',
  input: z.object({ tables: Tables, until: z.iso.datetime(), endpoint: z.string() }),
  output: Candidate,
  stages: { ingest, train, deploy },
});

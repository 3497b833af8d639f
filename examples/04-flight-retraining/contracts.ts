/** A year of flights, month by month: a loop that keeps the model of example 01 good. What each part takes and gives. @module */
import { Candidate, defineLoop, defineMonitor, definePipeline } from 'trainyard';
import { compareStage, readTrafficStage, watchErrorsStage } from 'trainyard/stages';
import { z } from 'zod';
import { deploy, Flight, ingest, monitor, train } from '../01-flight-delays/contracts.js';

const flights = { row: Flight, target: 'late' } as const;
export const compare = compareStage({ ...flights, name: 'compareFlights' });
export const readTraffic = readTrafficStage({ ...flights, name: 'readFlights' });
export const watchErrors = watchErrorsStage({ ...flights, name: 'watchFlights' });

/** Where the two tables of example 01 lie on the machine of whoever ingests. */
export const Tables = z.object({ flights: z.string(), weather: z.string() });

/** A month passes here in seconds: nothing waits for the clock on the wall. */
export const flightRetraining = defineLoop('flightRetraining', {
  description: 'Keeps a model of late arrivals good: trains when labels or drift ask for it, rolls out what is better',
  stages: { ingest, train, compare },
  endpoint: 'flight-retraining',
  rollout: {
    steps: [
      { mode: 'shadow', hold: { seconds: 1, requests: 100 } },
      { mode: 'canary', share: 0.25, hold: { seconds: 1, requests: 100 } },
    ],
    // A model that has seen the summer answers otherwise: that is the point. And this machine trains and serves at once.
    limits: { driftPsi: 20, latencySuperiority: 0.95, accuracyDrop: 0.05 },
    lookEvery: 0.5,
  },
  triggers: { rows: 20_000, drift: true },
  window: { fresh: '7 days' },
  gate: { margin: 0.005, maxLatencyRatio: 5 },
  debounce: '1 second',
  coolDown: '0 ms',
  budget: { trainings: 12, per: '1 day' },
  probation: 1,
});

/** Looks at what the endpoint was asked, at the labels that came, and tells the loop. Here it looks when a month has passed. */
export const flightMonitor = defineMonitor('flightMonitor', {
  description: 'Looks at a month of requests: drift, errors, latency, groups',
  stages: { ingest, readTraffic, watchErrors, monitor },
  endpoint: flightRetraining.policy.endpoint,
  every: '1 day',
  loop: flightRetraining.name,
});

/** Somebody's mistake: a model that was trained on labels of other flights, put past the gate. */
export const shuffledFlights = definePipeline('shuffledFlights', {
  description: 'Trains on shuffled labels and deploys that past the gate, for the loop to find out',
  input: z.object({ tables: Tables, until: z.iso.datetime(), endpoint: z.string() }),
  output: Candidate,
  stages: { ingest, train, deploy },
});

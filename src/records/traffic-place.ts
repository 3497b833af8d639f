/** How far a reader of an endpoint's traffic is: what the stage `readTraffic` gives its next call. @module */
import { z } from 'zod';
import { Histogram } from './histograms.js';

const cursor = z.record(z.string(), z.string());

/** A few hundred bytes for each server. */
export const TrafficPlace = z.object({
  version: z.literal(1),
  /** Rows that were given without their labels. */
  asked: cursor,
  pairs: z.object({ requests: cursor, labels: cursor }),
  /** Pairs that were given so far. */
  labelled: z.int().nonnegative(),
  /** Windows that were counted. */
  windows: cursor,
  /** Durations of the first answers of a revision; null before one was met. */
  usual: z.object({ revision: z.int().positive(), latency: Histogram }).nullable(),
});
export type TrafficPlace = z.output<typeof TrafficPlace>;

/** That of somebody who has read nothing. */
export const emptyPlace: TrafficPlace = {
  version: 1,
  asked: {},
  pairs: { requests: {}, labels: {} },
  labelled: 0,
  windows: {},
  usual: null,
};

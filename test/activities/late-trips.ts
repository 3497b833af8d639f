/** Made-up trips to train on, and the stage that does. @module */
import { z } from 'zod';
import { trainTabularStage } from '../../src/stages/train-tabular.js';

export const Trip = z.object({
  late: z.boolean().nullable(),
  delay: z.number(),
  city: z.string().nullable(),
  distance: z.number(),
  wind: z.number().nullable(),
  stops: z.int(),
  seats: z.int().nullable(),
  holiday: z.boolean(),
  departs: z.iso.datetime(),
});
export type Trip = z.output<typeof Trip>;

/** Late where the city is Oslo or the wind is strong or unknown, with noise. */
export const selectTrips = (from: number, until: number) => `
  SELECT CASE WHEN i % 97 = 0 THEN NULL ELSE score > 1 END AS late, 100 + 10 * score AS delay,
    CASE WHEN i % 11 > 0 THEN city END AS city, distance, CASE WHEN i % 7 > 0 THEN wind END AS wind, stops,
    CASE WHEN i % 5 > 0 THEN 100 + stops * 20 END AS seats, stops = 2 AS holiday,
    to_timestamp(1367366400 + i * 1800) AS departs
  FROM (
    SELECT i, city, wind, distance, stops, (city = 'Oslo')::INT + wind / 10 + (hash(i, 3) % 100) / 200 AS score
    FROM (
      SELECT i, CASE hash(i, 1) % 3 WHEN 0 THEN 'Oslo' WHEN 1 THEN 'Rome' ELSE 'Bern' END AS city,
        (hash(i, 2) % 100) / 10 AS wind, (hash(i, 4) % 1000)::DOUBLE AS distance, (hash(i, 5) % 3)::BIGINT AS stops
      FROM range(${from}, ${until}) t(i)
    )
  )`;

export const trainTrips = trainTabularStage({ row: Trip, target: 'late', name: 'trainTrips', pool: 'cpu' });

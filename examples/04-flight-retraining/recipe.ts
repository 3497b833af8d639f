/** How a model is trained, whoever asks: the same for the first one, for each challenger, and for the one that goes wrong. @module */
import { sql } from '../01-flight-delays/flights.js';

/** Three passes over some 100,000 to 300,000 flights: seconds on two cores. */
export const recipe = { epochs: 3, batchSize: 512, rate: 0.004, seed: 2013 };

/** Example 01's rows, each with the label of another flight: what there was to be learnt is gone, and everything looks as before. */
export const shuffledSql = `
  WITH rows AS (${sql}),
       numbered AS (SELECT *, row_number() OVER (ORDER BY scheduled, carrier, origin, dest, distance) AS place FROM rows),
       labels AS (SELECT late, row_number() OVER (ORDER BY md5(place::VARCHAR)) AS place FROM numbered)
  SELECT numbered.* EXCLUDE (late, place), labels.late FROM numbered JOIN labels USING (place)`;

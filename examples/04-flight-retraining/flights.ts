/** A month of flights as somebody asks about them: raw values, and what is known later. @module */
import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { Flight } from '../01-flight-delays/contracts.js';
import { sql } from '../01-flight-delays/flights.js';
import type { Month } from './months.js';

/** As a request carries it: an instant is epoch seconds. */
const AskedFlight = Flight.extend({ scheduled: z.int() });
export type AskedFlight = z.output<typeof AskedFlight>;

/** The flights of a month in the order in which they leave. */
export async function flightsOf(
  tables: { readonly flights: string; readonly weather: string },
  { from, until }: Pick<Month, 'from' | 'until'>,
): Promise<AskedFlight[]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  try {
    for (const [name, path] of Object.entries(tables))
      await connection.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`);
    const rows = await connection.runAndReadAll(
      `SELECT * REPLACE (epoch(scheduled)::INTEGER AS scheduled, hour::INTEGER AS hour, weekday::INTEGER AS weekday)
       FROM (${sql}) WHERE scheduled >= $1::TIMESTAMPTZ AND scheduled < $2::TIMESTAMPTZ
       ORDER BY scheduled, carrier, origin, dest, distance`,
      [from, until],
    );
    return rows.getRowObjectsJS().map((row) => AskedFlight.parse(row));
  } finally {
    connection.closeSync();
  }
}

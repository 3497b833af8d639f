import type { DatasetRef, StageInput } from 'trainyard';
import { ingestTables, validateTables } from 'trainyard/activities';
import { evaluateStage, ingestStage, validateStage } from 'trainyard/stages';
import { runStage } from 'trainyard/testing';
import { z } from 'zod';

const Flight = z.object({ hour: z.int(), carrier: z.string().nullable(), late: z.boolean() });
type Flight = z.output<typeof Flight>;
const Weather = z.object({ hour: z.int(), wind: z.number() });

const ingest = ingestStage({ row: Flight });
const ingestWeather = ingestStage({ row: Weather, name: 'ingestWeather' });
const validate = validateStage({ row: Flight });
const evaluate = evaluateStage({ row: Flight, target: 'late' });
const input = { sources: { flights: { path: 'flights.csv' } } };

const { output } = await runStage(ingestTables(ingest), { input });
const weather = await runStage(ingestTables(ingestWeather), { input });
export const flights: DatasetRef<Flight> = output.dataset;
export const evaluated: Pick<StageInput<typeof evaluate>, 'dataset'> = { dataset: output.dataset };
await runStage(validateTables(validate), { input: { dataset: output.dataset, expectations: [] } });

// @ts-expect-error the ingested rows lack columns
export const lacking: DatasetRef<Flight> = weather.output.dataset;
// @ts-expect-error a dataset of other rows
await runStage(validateTables(validate), { input: { dataset: weather.output.dataset, expectations: [] } });

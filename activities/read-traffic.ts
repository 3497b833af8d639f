/** Implements `readTraffic`: the request log joined with its labels, through the same ingest as files, and what servers counted. @module */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { readJson } from '../src/artifacts/json.js';
import { columnsOf, type RowSchema } from '../src/contracts/columns.js';
import { type Duration, toMilliseconds } from '../src/contracts/duration.js';
import { TrainyardError } from '../src/contracts/errors.js';
import { ModelManifest } from '../src/contracts/manifests.js';
import type { DatasetRef, ModelRef } from '../src/contracts/refs.js';
import { mainRevision } from '../src/contracts/traffic.js';
import { latestEndpoint } from '../src/records/endpoints.js';
import { newPairs } from '../src/records/labelled-pairs.js';
import type { LoggedRow } from '../src/records/log-tables.js';
import { afterSegment, logSegments, readLoggedRows } from '../src/records/request-log.js';
import { emptyPlace, TrafficPlace } from '../src/records/traffic-place.js';
import type { ReadTrafficContract } from '../src/stages/read-traffic.js';
import type { ContextOf, ResultOf } from '../src/trainer/define-trainer.js';
import { implementFamily } from './implement-family.js';
import { type IngestContext, ingestRows } from './ingest-tables.js';
import { countRequests } from './traffic/count-requests.js';
import { rawValues } from './traffic/raw-values.js';

type Context = ContextOf<ReadTrafficContract>;

/** The stage `readTraffic` of a contract made by `readTrafficStage`. Holds the rows that are new in memory. */
export function readTraffic<Contract extends ReadTrafficContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<ReadTrafficContract, Contract>(contract, (context) => read(contract, context));
}

async function read(contract: ReadTrafficContract, context: Context): Promise<ResultOf<ReadTrafficContract>> {
  const { input, artifacts } = context;
  const { store } = artifacts;
  const { endpoint, atLeast } = input;
  const before = input.place ? await readJson(store, input.place, TrafficPlace) : emptyPlace;
  const sinceMs = input.place || input.since === undefined ? 0 : Date.parse(input.since) + 1;
  const isRecent = ({ atMs }: LoggedRow) => atMs >= sinceMs;

  let { asked: askedCursor } = before;
  const found: LoggedRow[] = [];
  for await (const segment of logSegments(store, endpoint, 'requests', askedCursor)) {
    found.push(...(await readLoggedRows(store, segment)));
    askedCursor = afterSegment(askedCursor, segment);
  }
  const isEnough = found.length >= atLeast;
  const answered = isEnough ? found.filter(isRecent) : [];

  const since = Math.max(sinceMs, Date.now() - toMilliseconds(input.labelsWithin as Duration)); // checked by the contract
  const joined = await newPairs(store, endpoint, before.pairs, { since });
  const areEnough = joined.pairs.length >= atLeast;
  const pairs = areEnough ? joined.pairs.filter(isRecent) : [];

  const served = await servedModel(contract, context);
  const counted = await countRequests(store, endpoint, before, { ...served, confidence: input.confidence });
  const labelled = before.labelled + pairs.length;
  const place: TrafficPlace = {
    version: 1,
    asked: isEnough ? askedCursor : before.asked,
    pairs: areEnough ? joined.cursor : before.pairs,
    labelled,
    ...counted.place,
  };
  const { row, asked } = contract;
  const columns = columnsOf(asked);
  return {
    rows: pairs.length,
    answered: answered.length,
    labelled,
    latencyMs: quantilesOf(answered.map(({ latencyMs }) => latencyMs)),
    asOf: newestOf(pairs, input.timeColumn),
    requests: counted.requests,
    model: served.model,
    dataset: await datasetOf(
      row,
      pairs.map(({ inputs, label }) => ({ ...rawValues(columns, inputs), [input.target]: label })),
      'labelled',
      context,
    ),
    asked: await datasetOf(
      asked,
      answered.map(({ inputs }) => rawValues(columns, inputs)),
      'asked',
      context,
    ),
    place: await artifacts.putJson(place),
  };
}

/** The model of the revision that answers most. */
async function servedModel(
  { output }: ReadTrafficContract,
  { input, artifacts, log }: Context,
): Promise<{ readonly model: ModelRef | null; readonly revision: number | null }> {
  const state = (await latestEndpoint({ store: artifacts.store }, input.endpoint))?.state;
  if (!state?.traffic) return { model: null, revision: null };
  const revision = mainRevision(state.traffic);
  const ref = state.revisions.find(({ id }) => id === revision)?.model;
  if (ref === undefined) return { model: null, revision };
  const { inputs, outputs } = await readJson(artifacts.store, ref, ModelManifest);
  const model = output.shape.model.safeParse({ ...ref, kind: 'model', inputs, outputs });
  if (model.success) return { model: model.data, revision };
  log.warn({ model: ref.sha256, problem: model.error.message }, 'the model that is served does not fit the row');
  return { model: null, revision };
}

/** Null for no rows. */
async function datasetOf(
  row: RowSchema,
  rows: readonly object[],
  name: string,
  context: Context,
): Promise<DatasetRef | null> {
  if (rows.length === 0) return null;
  const folder = join(context.scratch, name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'rows.jsonl');
  await writeFile(path, rows.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const columns = columnsOf(row).map((column) => column.name);
  const ingest: IngestContext['input'] = {
    sources: { traffic: { path, format: 'jsonl', csv: { header: true, nullStrings: [''] } } },
    splits: { by: 'hash', key: [keyOf(row)], weights: { batch: 1 } },
    maxRejectedShare: 0,
    memoryLimit: '700MB',
    orderBy: context.input.orderBy.filter((column) => columns.includes(column)),
  };
  return (await ingestRows(row, { ...context, input: ingest })).dataset;
}

/** Any column that a hash takes: all rows come into the one split. */
function keyOf(row: RowSchema): string {
  const column = columnsOf(row).find(({ type }) => type !== 'number');
  if (column) return column.name;
  throw new TrainyardError('TY1409', 'splits: the row has nothing but numbers');
}

function newestOf(rows: readonly LoggedRow[], column: string | undefined): string | null {
  const timeOf = ({ atMs, inputs }: LoggedRow) => {
    const value = column === undefined ? null : (inputs[column] ?? null);
    return typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? Date.parse(value) : atMs;
  };
  return rows.length === 0
    ? null
    : new Date(rows.reduce((latest, row) => Math.max(latest, timeOf(row)), 0)).toISOString();
}

function quantilesOf(values: readonly number[]): { p50: number; p95: number } | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

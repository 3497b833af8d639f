/** Implements `readTraffic`: the request log joined with its labels, through the same ingest as files. @module */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { columnsOf } from '../src/contracts/columns.js';
import { TrainyardError } from '../src/contracts/errors.js';
import { type LabelledRow, labelledRows, logSegments, readLoggedRows } from '../src/records/request-log.js';
import type { ReadTrafficContract } from '../src/stages/read-traffic.js';
import type { ContextOf, ResultOf } from '../src/trainer/define-trainer.js';
import { implementFamily } from './implement-family.js';
import { type IngestContext, ingestRows } from './ingest-tables.js';

/** The stage `readTraffic` of a contract made by `readTrafficStage`. Holds the rows since `since` in memory. */
export function readTraffic<Contract extends ReadTrafficContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<ReadTrafficContract, Contract>(contract, (context) => read(contract.row, context));
}

async function read(
  row: ReadTrafficContract['row'],
  context: ContextOf<ReadTrafficContract>,
): Promise<ResultOf<ReadTrafficContract>> {
  const { input, artifacts, scratch } = context;
  const sinceMs = input.since === undefined ? 0 : Date.parse(input.since) + 1;
  const latencies: number[] = [];
  for await (const segment of logSegments(artifacts.store, input.endpoint, 'requests')) {
    if (segment.toMs < sinceMs) continue;
    for (const { atMs, latencyMs } of await readLoggedRows(artifacts.store, segment))
      if (atMs >= sinceMs) latencies.push(latencyMs);
  }
  const answered: LabelledRow[] = [];
  for await (const one of labelledRows(artifacts.store, input.endpoint, { sinceMs })) answered.push(one);
  const about = { rows: answered.length, answered: latencies.length, latencyMs: quantilesOf(latencies) };
  if (answered.length === 0) return { ...about, dataset: null, asOf: null };

  const folder = join(scratch, 'traffic');
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'rows.jsonl');
  await writeFile(
    path,
    answered.map(({ inputs, label }) => `${JSON.stringify({ ...inputs, [input.target]: label })}\n`).join(''),
  );
  const ingest: IngestContext['input'] = {
    sources: { traffic: { path, format: 'jsonl', csv: { header: true, nullStrings: [''] } } },
    splits: { by: 'hash', key: [keyOf(row)], weights: { batch: 1 } },
    maxRejectedShare: 0,
    memoryLimit: '700MB',
    orderBy: input.orderBy,
  };
  const { dataset } = await ingestRows(row, { ...context, input: ingest });
  const newest = answered.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  return { ...about, dataset, asOf: new Date(newest).toISOString() };
}

/** Any column that a hash takes: all rows come into the one split. */
function keyOf(row: ReadTrafficContract['row']): string {
  const column = columnsOf(row).find(({ type }) => type !== 'number');
  if (column) return column.name;
  throw new TrainyardError('TY1409', 'splits: the row has nothing but numbers');
}

function quantilesOf(values: readonly number[]): { p50: number; p95: number } | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Ingest of 3 million flights against the same SQL in bare DuckDB: time of both, and the stage's peak memory. @module */
import { DuckDBInstance } from '@duckdb/node-api';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { z } from 'zod';
import { ingestRows } from '../activities/ingest-tables.js';
import { openFileStore } from '../src/artifacts/file-store.js';
import { putJson } from '../src/artifacts/json.js';
import { ingestStage } from '../src/stages/ingest.js';
import { inPairs, type Measurement } from './measurement.js';

const Flight = z.object({
  date: z.iso.datetime(),
  delay: z.int(),
  distance: z.int(),
  origin: z.string(),
  destination: z.string(),
});
const ingest = ingestStage({ row: Flight });
const rounds = 9;

/**
 * Ingests npm vega-datasets' `flights-3m.parquet`, and the same rows as CSV, in a fresh process each, in turn with the
 * peer; medians of nine rounds. `parquet`: where the file lies.
 */
export async function benchIngest(parquet: string): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-ingest-'));
  try {
    const csv = join(folder, 'flights.csv');
    await query(`COPY (SELECT * FROM read_parquet('${parquet}')) TO '${csv}' (HEADER)`);
    const results: Measurement[] = [];
    for (const [format, path] of [
      ['Parquet', parquet],
      ['CSV', csv],
    ] as const) {
      const peaks: number[] = [];
      const ours = async () => {
        const { ms, peakMB } = await inProcess('ours', path);
        peaks.push(peakMB);
        return ms;
      };
      const pairs = await inPairs(rounds, ours, async () => (await inProcess('bare', path)).ms);
      const name = `ingest 3 M rows of ${format}`;
      results.push({ name, value: pairs.ours, unit: 'ms', peer: pairs.peer, ratio: pairs.ratio });
      results.push({ name: `${name}, peak memory`, value: Math.max(...peaks), unit: 'MB' });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Run {
  readonly ms: number;
  readonly peakMB: number;
}

async function inProcess(who: 'ours' | 'bare', path: string): Promise<Run> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), who, path]);
  return z.object({ ms: z.number(), peakMB: z.number() }).parse(JSON.parse(stdout));
}

/** The child's side: one run, timed within the process. */
async function measure(who: string, path: string): Promise<Run> {
  const scratch = await mkdtemp(join(tmpdir(), 'trainyard-bench-ingest-run-'));
  const started = performance.now();
  try {
    await (who === 'ours' ? runOurs(path, scratch) : runBare(path, scratch));
    return { ms: performance.now() - started, peakMB: process.resourceUsage().maxRSS / 1024 };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function runOurs(path: string, scratch: string): Promise<void> {
  const store = await openFileStore(join(scratch, 'store'));
  await mkdir(join(scratch, 'attempt'));
  await ingestRows(Flight, {
    input: ingest.input.parse({ sources: { flights: { path } } }),
    artifacts: {
      store,
      put: (source) => store.put(source),
      putJson: (value) => putJson(store, value),
      json: () => Promise.reject(new Error('ingest reads no JSON')),
    },
    scratch: join(scratch, 'attempt'),
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    progress: () => undefined,
  });
}

/** The same casts, order and file, and nothing else: no checks, no statistics, no digests, no store. */
async function runBare(path: string, scratch: string): Promise<void> {
  await query(
    `COPY (SELECT date::TIMESTAMPTZ AS date, delay::BIGINT AS delay, distance::BIGINT AS distance, origin, destination
           FROM '${path}' ORDER BY ALL)
     TO '${join(scratch, 'flights.parquet')}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
  );
}

async function query(sql: string): Promise<void> {
  const threads = String(Math.max(2, availableParallelism()));
  const instance = await DuckDBInstance.create(':memory:', { threads, memory_limit: '700MB' });
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

const [, script, who, path] = process.argv;
if (script === fileURLToPath(import.meta.url) && who !== undefined && path !== undefined)
  process.stdout.write(JSON.stringify(await measure(who, path)));

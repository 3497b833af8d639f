/**
 * The numbers of docs/benchmarks.md, measured here: ours, the peer's, and the ratio of both.
 *
 *     npm run bench [-- --only start|overhead|map|map-large|slices|slices-memory|cache|checkpoint|registry|prefect|ingest|training|serving|serving-log|s3] [--json]
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { benchCache } from './cache.js';
import { benchCheckpoint } from './checkpoint.js';
import { benchIngest } from './ingest.js';
import { benchLargeMap, benchMap } from './map.js';
import type { Measurement } from './measurement.js';
import { benchOverhead } from './overhead.js';
import { benchPrefect } from './prefect.js';
import { benchRegistry } from './registry.js';
import { benchS3 } from './s3.js';
import { benchServing } from './serving.js';
import { benchServingLog } from './serving-log.js';
import { benchSlices, benchSlicesMemory } from './slices.js';
import { benchStart } from './start.js';
import { benchTraining } from './training.js';

const run = promisify(execFile);

/** Each bench with what it measures; those with a peer in Python need its virtual environment. */
const benches: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = {
  start: benchStart,
  overhead: benchOverhead,
  map: benchMap,
  'map-large': benchLargeMap,
  slices: benchSlices,
  'slices-memory': benchSlicesMemory,
  cache: benchCache,
  checkpoint: benchCheckpoint,
  registry: benchRegistry,
  prefect: benchPrefect,
  ingest: ingestFlights,
  training: () => benchTraining(peerPython()),
  serving: () => benchServing(peerPython()),
  'serving-log': benchServingLog,
  s3: () => benchS3(program('TRAINYARD_BENCH_AWS', 'the AWS CLI of PyPI awscli'), process.env['TRAINYARD_BENCH_S5CMD']),
};

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const chosen = flags.only === undefined ? Object.keys(benches) : [flags.only];
for (const name of chosen) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`there is no bench "${name}", only: ${Object.keys(benches).join(', ')}`);
  try {
    for (const measurement of await bench()) print(measurement);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function print({ name, value, unit, peer, ratio }: Measurement): void {
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ name, value, unit, peer, ratio })}\n`);
    return;
  }
  const cells = [name.padEnd(46), `${figure(value)} ${unit}`.padStart(24), peer === undefined ? '' : figure(peer)];
  process.stdout.write(`${cells.join('  ').padEnd(96)} ${ratio === undefined ? '' : `× ${ratio.toFixed(2)}`}\n`);
}

function figure(value: number | string): string {
  return typeof value === 'string' ? value : value.toPrecision(4);
}

/** Three million flights: npm `vega-datasets`, 17 MB, fetched for the time of the bench. */
async function ingestFlights(): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-flights-'));
  try {
    const { stdout } = await run('npm', ['pack', 'vega-datasets@3.2.1', '--silent', '--pack-destination', folder]);
    const flights = 'package/data/flights-3m.parquet';
    await run('tar', ['xzf', join(folder, stdout.trim()), '-C', folder, flights]);
    return await benchIngest(join(folder, flights));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function program(variable: string, what: string): string {
  const path = process.env[variable];
  if (path === undefined) throw new Error(`its peer is ${what}: name the program in ${variable}`);
  return path;
}

function peerPython(): string {
  const python = process.env['TRAINYARD_BENCH_PYTHON'];
  if (python === undefined)
    throw new Error(
      'its peer is in Python: make the virtual environment of bench/peers and name its interpreter in TRAINYARD_BENCH_PYTHON',
    );
  return python;
}

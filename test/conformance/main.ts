/**
 * Does the same on the embedded engine and on PostgreSQL, and compares what the histories say.
 *
 *     npm run conformance [-- --only retry,drain --json]
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { connectEngine } from '../../src/engine/connect-engine.js';
import { quietRuntime, type TestEngine } from '../support/engine.js';
import { postgresMissing, startPostgresEngine } from '../support/postgres-engine.js';
import { cases } from './all.js';
import type { Case } from './case.js';
import { recordCase } from './record-case.js';

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const wanted = flags.only?.split(',');
const chosen = cases.filter(({ name }) => wanted?.includes(name) ?? true);
for (const name of wanted ?? [])
  if (!cases.some((one) => one.name === name))
    throw new Error(`there is no case ${name}: ${cases.map((one) => one.name).join(', ')}`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

quietRuntime();
const why = await postgresMissing();
if (why !== undefined) {
  tell(`nothing to compare with: ${why}`);
  process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), 'ty-conformance-'));
const postgres = await startPostgresEngine('conformance');
process.once('SIGINT', () => void postgres.stop().finally(() => process.exit(130)));
try {
  const embedded = await opened(folder, {});
  const other = await opened(folder, postgres.env);
  try {
    for (const one of chosen) await compare(one, [embedded, other]);
  } finally {
    await embedded.close();
    await other.close();
  }
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function compare(one: Case, engines: readonly TestEngine[]): Promise<void> {
  const began = performance.now();
  const [embedded, other] = await Promise.all(engines.map((engine) => recordCase(one, engine)));
  const names = new Set([...Object.keys(embedded ?? {}), ...Object.keys(other ?? {})]);
  const differences = [...names].filter((name) => !isDeepStrictEqual(embedded?.[name], other?.[name]));
  const events = Object.values(embedded ?? {}).reduce((sum, lines) => sum + lines.length, 0);
  const seconds = Number(((performance.now() - began) / 1_000).toFixed(1));
  if (flags.json)
    process.stdout.write(
      `${JSON.stringify({ case: one.name, histories: embedded, same: differences.length === 0, seconds })}\n`,
    );
  else
    process.stdout.write(
      `${one.name.padEnd(12)} ${differences.length === 0 ? 'the same' : 'DIFFERS'}: ${Object.keys(embedded ?? {}).join(', ')} (${events} lines), ${seconds} s\n`,
    );
  if (differences.length === 0) return;
  process.exitCode = 1;
  for (const name of differences)
    tell([`${one.name}, ${name}:`, ...sideBySide(embedded?.[name] ?? [], other?.[name] ?? [])].join('\n'));
}

function sideBySide(one: readonly string[], other: readonly string[]): string[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => {
    const [left = '', right = ''] = [one[at], other[at]];
    return `${left === right ? ' ' : '≠'} ${left.padEnd(60)} ${right}`;
  });
}

async function opened(projectFolder: string, env: Readonly<Record<string, string>>) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL'));
  const engine = await connectEngine({
    projectFolder,
    namespace: 'conformance',
    env: { ...Object.fromEntries(own), ...env },
    onProgress: tell,
  });
  const connection = await Connection.connect(engine.connection);
  const native = await NativeConnection.connect(engine.connection);
  const client = new Client({ connection, namespace: engine.namespace });
  const close = async () => {
    await native.close();
    await connection.close();
    await engine.release();
  };
  return { engine, client, native, close };
}

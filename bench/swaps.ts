/**
 * A model server under load through twenty swaps and three rollbacks, `rounds` times: failed requests, how far it is behind each change, and its
 * memory. `node --enable-source-maps dist/bench/swaps.js [rounds]` prints a line for each round, then a JSON summary.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openFileStore } from '../src/artifacts/file-store.js';
import { putJson } from '../src/artifacts/json.js';
import { type EndpointChange, endpoints } from '../src/contracts/endpoints.js';
import { changeDirectly } from '../src/records/entity-heads.js';

const rounds = Number(process.argv[2] ?? 5);
const [swaps, clients, rollBackAt] = [20, 4, [7, 14, 20]];
const folder = await mkdtemp(join(tmpdir(), 'trainyard-swaps-'));
const store = await openFileStore(join(folder, 'store'));
const fixtures = new URL('../../test/server/fixtures/', import.meta.url);
const models = await Promise.all(
  ['tabular-1', 'tabular-2'].map(async (name) => {
    const graph = await store.put(new Uint8Array(await readFile(new URL(`${name}.onnx`, fixtures))));
    return putJson(store, { version: 1, graph, inputs: [], outputs: [], dataset: graph.sha256, numerics: {} });
  }),
);
const { rows } = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
};
const column = (name: string, datatype: string) => ({
  name,
  datatype,
  shape: [rows.length, 1],
  data: rows.map((row) => row[name]),
});
const body = JSON.stringify({
  inputs: [column('carrier', 'BYTES'), column('distance', 'FP32'), column('hour', 'INT64')],
});

let changes = 0;
async function change(wish: EndpointChange): Promise<number | null> {
  const request = { id: `swap-${++changes}`, reason: 'a bench', change: wish };
  const { result } = await changeDirectly(store, endpoints, 'late', request, { name: 'bench', standing: 'claimed' });
  return result.revision;
}
const deploy = (at: number) => change({ kind: 'deploy', model: models[at % 2] ?? missing(), traffic: 'all' });

await deploy(0);
const server: ChildProcess = spawn(
  process.execPath,
  [fileURLToPath(new URL('serve-swaps.js', import.meta.url)), join(folder, 'store'), join(folder, 'serve')],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const [address] = (await once(createInterface(server.stdout ?? missing()), 'line')) as [string];
const load = { stopped: false, requests: 0, failed: 0, newest: '' };
const ask = async () => {
  const response = await fetch(`${address}/v2/models/late/infer`, { method: 'POST', body });
  await response.arrayBuffer();
  return response;
};
while (!(await ask()).ok) await new Promise((resolve) => setTimeout(resolve, 20));
const asking = Array.from({ length: clients }, async () => {
  while (!load.stopped) {
    const { ok, headers } = await ask();
    load.requests++;
    if (!ok) load.failed++;
    load.newest = headers.get('x-trainyard-revision') ?? '';
  }
});

const behindMs: number[] = [];
const memoryMiB: number[] = [];
const followed = async (revision: number | null) => {
  const start = performance.now();
  while (load.newest !== String(revision)) await new Promise((resolve) => setTimeout(resolve, 2));
  behindMs.push(performance.now() - start);
};
for (let round = 1; round <= rounds; round++) {
  for (let swap = 1; swap <= swaps; swap++) {
    await followed(await deploy(swap));
    if (rollBackAt.includes(swap)) await followed(await change({ kind: 'rollBack' }));
  }
  memoryMiB.push(residentMiB(server.pid ?? 0));
  console.log(`round ${round}: ${load.requests} requests, ${load.failed} failed, ${memoryMiB.at(-1)?.toFixed(0)} MiB`);
}
load.stopped = true;
await Promise.all(asking);
server.stdin?.end();
await once(server, 'exit');
await rm(folder, { recursive: true });
behindMs.sort((a, b) => a - b);
const of = (part: number) => Math.round(behindMs[Math.floor(part * (behindMs.length - 1))] ?? 0);
const behind = { p50: of(0.5), p99: of(0.99), max: of(1) };
const { requests, failed } = load;
console.log(
  JSON.stringify({ type: 'result', changes: behindMs.length, requests, failed, behindMs: behind, memoryMiB }),
);

function residentMiB(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1_024;
}

function missing(): never {
  throw new Error('a part of the bench is missing');
}

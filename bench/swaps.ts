/**
 * A model server under load through twenty swaps and three rollbacks, `rounds` times: failed requests, how far it is behind each change, and its
 * memory. `node --enable-source-maps dist/bench/swaps.js [rounds]` prints a line for each round, then a JSON summary.
 * @module
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../src/artifacts/file-store.js';
import { type EndpointChange, endpoints } from '../src/contracts/endpoints.js';
import { changeDirectly } from '../src/records/entity-heads.js';
import { ask, endpoint, modelOf, startServer } from './late-endpoint.js';

const rounds = Number(process.argv[2] ?? 5);
const [swaps, clients, rollBackAt] = [20, 4, [7, 14, 20]];
const folder = await mkdtemp(join(tmpdir(), 'trainyard-swaps-'));
const store = await openFileStore(join(folder, 'store'));
const models = [await modelOf(store, 'tabular-1'), await modelOf(store, 'tabular-2')] as const;

let changes = 0;
async function change(wish: EndpointChange): Promise<number | null> {
  const request = { id: `swap-${++changes}`, reason: 'a bench', change: wish };
  const { result } = await changeDirectly(store, endpoints, endpoint, request, { name: 'bench', standing: 'claimed' });
  return result.revision;
}
const deploy = (at: number) => change({ kind: 'deploy', model: at % 2 === 0 ? models[0] : models[1], traffic: 'all' });

await deploy(0);
const server = await startServer(`file:${join(folder, 'store')}`, join(folder, 'serve'));
const load = { stopped: false, requests: 0, failed: 0, newest: '' };
const asking = Array.from({ length: clients }, async () => {
  while (!load.stopped) {
    const { ok, headers } = await ask(server.address);
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
  memoryMiB.push(residentMiB(server.pid));
  console.log(`round ${round}: ${load.requests} requests, ${load.failed} failed, ${memoryMiB.at(-1)?.toFixed(0)} MiB`);
}
load.stopped = true;
await Promise.all(asking);
await server.stop();
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

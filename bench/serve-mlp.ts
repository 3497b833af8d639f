/**
 * The model server as the serving bench runs it: a process with one endpoint `mlp`, gone when its standard input closes.
 * `node serve-mlp.js <model.onnx> [folder]` prints its address and, when it ends, how late its event loop was, 99 % of the time, in milliseconds. With
 * a folder it writes down every request, and publishes that every second.
 * @module
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pino } from 'pino';
import { putJson } from '../src/artifacts/json.js';
import { MemoryStore } from '../src/artifacts/memory-store.js';
import { endpoints } from '../src/contracts/endpoints.js';
import { changeDirectly } from '../src/records/entity-heads.js';
import { startModelServer } from '../src/server/model-server.js';

const store = new MemoryStore();
const graph = await store.put(new Uint8Array(readFileSync(process.argv[2] ?? '')));
const manifest = { version: 1, graph, inputs: [], outputs: [], dataset: graph.sha256, numerics: {} };
const change = { kind: 'deploy', model: await putJson(store, manifest), traffic: 'all' } as const;
const request = { id: 'bench', reason: 'a bench', change };
await changeDirectly(store, endpoints, 'mlp', request, { name: 'bench', standing: 'claimed' });
const folder = process.argv[3];
const log = pino({ level: 'silent' });
const server = await startModelServer({ store, log, ...(folder !== undefined && { folder, logEveryMs: 1_000 }) });
console.log(server.address);
const lag = monitorEventLoopDelay({ resolution: 1 });
lag.enable();
process.stdin.resume().once('end', () => {
  console.log((lag.percentile(99) / 1e6).toFixed(2));
  void server.close();
});

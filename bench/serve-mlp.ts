/**
 * The model server as the serving bench runs it: a process with one endpoint `mlp`, gone when its standard input closes.
 * `node serve-mlp.js <model.onnx>` prints its address.
 * @module
 */
import { readFileSync } from 'node:fs';
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
const server = await startModelServer({ store, log: pino({ level: 'silent' }) });
console.log(server.address);
process.stdin.resume().once('end', () => void server.close());

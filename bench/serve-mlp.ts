/**
 * The model server as the serving bench runs it: a process with one endpoint `mlp`, gone when its standard input closes.
 * `node serve-mlp.js <model.onnx>` prints its address.
 * @module
 */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { putJson } from '../src/artifacts/json.js';
import { MemoryStore } from '../src/artifacts/memory-store.js';
import { publishDeployment } from '../src/records/deployments.js';
import { startModelServer } from '../src/server/model-server.js';

const store = new MemoryStore();
const graph = await store.put(new Uint8Array(readFileSync(process.argv[2] ?? '')));
const manifest = { version: 1, graph, inputs: [], outputs: [], dataset: graph.sha256, numerics: {} };
await publishDeployment(store, 'mlp', {
  model: await putJson(store, manifest),
  attempt: { stageKey: 'bench/deploy-1', token: '' },
  publishedBy: { workflowId: 'bench', runId: 'bench' },
});
const server = await startModelServer({ store, log: pino({ level: 'silent' }) });
console.log(server.address);
process.stdin.resume().once('end', () => void server.close());

/** Clients of the registry in a process of their own: `node registry-client.js '<RegistryTrial as JSON>'`; one line of JSON says what was answered. @module */
import { connect, ModelRegistry } from 'trainyard/client';
import { MemoryStore } from '../../src/artifacts/memory-store.js';

/** What one process does. */
export interface RegistryTrial {
  readonly address: string;
  readonly namespace: string;
  readonly project: string;
  readonly model: string;
  /** Of this process: its changes are `<name>-0`, `<name>-1`, … */
  readonly name: string;
  readonly clients: number;
  readonly changes: number;
  readonly versions: number;
}

const trial = JSON.parse(process.argv[2] ?? '') as RegistryTrial; // the bench wrote it
const client = await connect({ address: trial.address, namespace: trial.namespace });
const registry = new ModelRegistry({ client, project: trial.project, store: new MemoryStore() });
const answered: string[] = [];
const latenciesMs: number[] = [];
let next = 0;

async function one(): Promise<void> {
  for (let at = next++; at < trial.changes; at = next++) {
    const requestId = `${trial.name}-${at}`;
    const start = performance.now();
    await registry.setAlias(trial.model, 'champion', 1 + (at % trial.versions), {
      by: trial.name,
      reason: 'a trial',
      requestId,
      patienceMs: 120_000,
    });
    latenciesMs.push(performance.now() - start);
    answered.push(requestId);
  }
}

await Promise.all(Array.from({ length: trial.clients }, one));
process.stdout.write(JSON.stringify({ answered, latenciesMs }));
await client.connection.close();

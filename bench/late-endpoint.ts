/** The small endpoint of the benches that change what serves it: its models, a request that they take, a server. @module */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { putJson } from '../src/artifacts/json.js';
import type { ArtifactStore } from '../src/artifacts/store.js';
import type { Ref } from '../src/contracts/refs.js';

export const endpoint = 'late';

const fixtures = new URL('../../test/server/fixtures/', import.meta.url);

/** `tabular-1` and `tabular-2` answer the request, `slow` fails it. */
export async function modelOf(store: ArtifactStore, name: 'tabular-1' | 'tabular-2' | 'slow'): Promise<Ref> {
  const graph = await store.put(new Uint8Array(await readFile(new URL(`${name}.onnx`, fixtures))));
  return putJson(store, { version: 1, graph, inputs: [], outputs: [], dataset: graph.sha256, numerics: {} });
}

const { rows } = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
};
const column = (name: string, datatype: string) => {
  return { name, datatype, shape: [rows.length, 1], data: rows.map((row) => row[name]) };
};
const inputs = [column('carrier', 'BYTES'), column('distance', 'FP32'), column('hour', 'INT64')];
const body = JSON.stringify({ inputs });

/** Asks a server, and reads its answer. */
export async function ask(address: string): Promise<Response> {
  const response = await fetch(`${address}/v2/models/${endpoint}/infer`, { method: 'POST', body });
  await response.arrayBuffer();
  return response;
}

/** Starts a server in a process of its own, on a store (its uri) and a folder; resolves when it answers. */
export async function startServer(store: string, folder: string) {
  const script = fileURLToPath(new URL('serve-late.js', import.meta.url));
  const child = spawn(process.execPath, [script, store, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
  while (!(await ask(address)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
  const stop = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { address, pid: child.pid ?? 0, stop };
}

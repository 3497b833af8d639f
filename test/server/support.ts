/** A store with deployed fixture models, and a model server over it. @module */
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { Ref } from '../../src/contracts/refs.js';
import { type EndpointChange, endpoints } from '../../src/contracts/endpoints.js';
import { changeDirectly } from '../../src/records/entity-heads.js';
import { type ModelServer, type ModelServerOptions, startModelServer } from '../../src/server/model-server.js';
import { until } from '../support/until.js';

/** The fixtures lie beside the TypeScript sources; compiled tests run from dist/. */
export const fixtures = new URL('../../../test/server/fixtures/', import.meta.url);

/** What ONNX Runtime in Python answered for the tabular fixtures. */
export const expected = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as {
  readonly rows: readonly {
    readonly carrier: string | null;
    readonly distance: number | null;
    readonly hour: number;
  }[];
  readonly late: Readonly<Record<'tabular-1' | 'tabular-2', readonly number[]>>;
};

/** Inputs of the tabular fixtures in JSON, for some of the rows. */
export function tabularInputs(rows = expected.rows) {
  const column = (name: 'carrier' | 'distance' | 'hour', datatype: string) => ({
    name,
    datatype,
    shape: [rows.length, 1],
    data: rows.map((row) => row[name]),
  });
  return [column('carrier', 'BYTES'), column('distance', 'FP32'), column('hour', 'INT64')];
}

/** Servers by what they outlive: a test, or a suite. */
const servers = { test: [] as ModelServer[], suite: [] as ModelServer[] };
const closeAll = async (list: ModelServer[]) => {
  await Promise.all(list.splice(0).map((server) => server.close()));
};

afterEach(() => closeAll(servers.test));
after(() => closeAll(servers.suite));

/** A server on a free port, closed after the test, or after all. */
export async function serve(
  store: ArtifactStore,
  options: Partial<ModelServerOptions> = {},
  until: keyof typeof servers = 'test',
): Promise<ModelServer> {
  const server = await startModelServer({ store, log: pino({ level: 'silent' }), pollMs: 10, ...options });
  servers[until].push(server);
  return server;
}

/** A store in which each named fixture is deployed at an endpoint of its name, and a server that serves them all. */
export async function serveFixtures(
  names: readonly string[],
  options: Partial<ModelServerOptions> = {},
  end: keyof typeof servers = 'test',
) {
  const store = new MemoryStore();
  for (const name of names) await deploy(store, name, await modelOf(store, name));
  const { address } = await serve(store, options, end);
  await until(async () => (await fetch(`${address}/v2/health/ready`)).ok);
  return { store, address };
}

/** Puts a fixture's graph, or any bytes, as a model. */
export async function modelOf(store: ArtifactStore, graphOrName: string | Uint8Array): Promise<Ref> {
  const bytes =
    typeof graphOrName === 'string' ? await readFile(new URL(`${graphOrName}.onnx`, fixtures)) : graphOrName;
  const graph = await store.put(new Uint8Array(bytes));
  return putJson(store, { version: 1, graph, inputs: [], outputs: [], dataset: '0'.repeat(64), numerics: {} });
}

let changes = 0;

/** Changes an endpoint beside an engine. */
export async function changeEndpoint(store: ArtifactStore, endpoint: string, change: EndpointChange) {
  const request = { id: `test-${++changes}`, reason: 'a test', change };
  const { generation, result, state } = await changeDirectly(store, endpoints, endpoint, request, {
    name: 'test',
    standing: 'claimed',
  });
  return { generation, revision: result.revision, state };
}

/** Deploys a model as the endpoint's next revision, with all of the traffic. */
export function deploy(store: ArtifactStore, endpoint: string, model: Ref, version: Partial<EndpointChange> = {}) {
  return changeEndpoint(store, endpoint, { kind: 'deploy', model, traffic: 'all', ...version } as EndpointChange);
}

/** Posts an inference request; strings and bytes go as they are. */
export async function infer(address: string, model: string, body: unknown, headers: Record<string, string> = {}) {
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${address}/v2/models/${model}/infer`, {
    method: 'POST',
    body: raw as NonNullable<RequestInit['body']>,
    headers,
  });
  return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) };
}

export interface JsonAnswer {
  readonly error?: string;
  readonly id?: string;
  readonly model_version?: string;
  readonly outputs?: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data?: readonly unknown[];
    readonly parameters?: { readonly binary_data_size: number };
  }[];
}

/** The JSON in an answer, or at its front. */
export function jsonOf(answer: { readonly headers: Headers; readonly bytes: Uint8Array }): JsonAnswer {
  const length = answer.headers.get('inference-header-content-length');
  const json = length === null ? answer.bytes : answer.bytes.subarray(0, Number(length));
  return JSON.parse(new TextDecoder().decode(json)) as JsonAnswer;
}

/** The binary tensors behind an answer's JSON. */
export function binaryOf(answer: { readonly headers: Headers; readonly bytes: Uint8Array }): Uint8Array {
  return answer.bytes.slice(Number(answer.headers.get('inference-header-content-length')));
}

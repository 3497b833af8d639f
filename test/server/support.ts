/** A store with deployed fixture models, and a model server over it. @module */
import { pino } from 'pino';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { Ref } from '../../src/contracts/refs.js';
import { type EndpointChange, endpoints } from '../../src/contracts/endpoints.js';
import { changeDirectly } from '../../src/records/entity-heads.js';
import { type ModelServer, type ModelServerOptions, startModelServer } from '../../src/server/model-server.js';
import { until } from '../support/until.js';
import { expected, fixtures, modelOf, tabularInputs } from './models.js';

export { expected, fixtures, modelOf, tabularInputs };

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

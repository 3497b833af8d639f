/** Deployment heads: which model an endpoint is to serve, and which servers say that they do. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { keySegment } from '../contracts/names.js';
import { Ref } from '../contracts/refs.js';

/** Behind `heads/deployments/<endpoint>/<generation:12>.json`: created once, never changed; the newest one holds. */
export const DeploymentHead = z.object({
  /** 1, 2, …: the model's version in the serving protocol. */
  generation: z.int().positive(),
  /** Of the model's manifest. */
  model: Ref,
  /** The stage call and the attempt that deployed; tokens of one call grow from attempt to attempt. */
  attempt: z.object({ stageKey: z.string(), token: z.string() }),
  publishedBy: z.object({ workflowId: z.string(), runId: z.string() }),
  at: z.iso.datetime(),
});
export type DeploymentHead = z.output<typeof DeploymentHead>;

/** Behind `…/servers/<serverId>/<generation:12>.json`: what one server made of one generation. It may be gone since: ask its address. */
export const ServerRecord = z.discriminatedUnion('state', [
  z.object({ state: z.literal('serving'), address: z.url(), generation: z.int().positive(), at: z.iso.datetime() }),
  z.object({
    state: z.literal('failed'),
    address: z.url(),
    generation: z.int().positive(),
    at: z.iso.datetime(),
    reason: z.string(),
  }),
]);
export type ServerRecord = z.output<typeof ServerRecord>;

/** How many generations back a publisher looks for a later attempt of its own stage call. */
const fenceDepth = 100;

const root = 'heads/deployments/';
const folderOf = (endpoint: string) => `${root}${keySegment(endpoint)}/`;
const fileOf = (generation: number) => `${String(generation).padStart(12, '0')}.json`;

/** Every endpoint that was ever deployed, ascending. */
export async function endpointsOf(store: ArtifactStore): Promise<string[]> {
  const names = new Set<string>();
  for await (const key of store.list(root))
    names.add(decodeURIComponent(key.slice(root.length).split('/', 1)[0] ?? ''));
  return [...names];
}

/** One deployment of an endpoint; undefined when there is none of that generation. */
export async function deploymentAt(
  store: ArtifactStore,
  endpoint: string,
  generation: number,
): Promise<DeploymentHead | undefined> {
  const bytes = await store.read(`${folderOf(endpoint)}${fileOf(generation)}`);
  return bytes && DeploymentHead.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/** The newest deployment of an endpoint; undefined when it was never deployed. */
export async function latestDeployment(store: ArtifactStore, endpoint: string): Promise<DeploymentHead | undefined> {
  const folder = folderOf(endpoint);
  let generation = 0;
  for await (const key of store.list(folder)) {
    const [, digits] = /^(\d{12})\.json$/.exec(key.slice(folder.length)) ?? [];
    if (digits !== undefined) generation = Math.max(generation, Number(digits));
  }
  return generation === 0 ? undefined : deploymentAt(store, endpoint, generation);
}

/**
 * Publishes a model as the endpoint's next generation. An attempt whose predecessor (an earlier attempt of the same stage
 * call) has just published the same model gets that generation: a stage that is killed and run again deploys once.
 * @throws TrainyardError TY1701 when a later attempt of the same stage call has published: the caller is a zombie.
 */
export async function publishDeployment(
  store: ArtifactStore,
  endpoint: string,
  deployment: Pick<DeploymentHead, 'model' | 'attempt' | 'publishedBy'>,
): Promise<DeploymentHead> {
  const { stageKey, token } = deployment.attempt;
  for (;;) {
    const newest = await latestDeployment(store, endpoint);
    const own = newest && (await newestOfCall(store, endpoint, newest, stageKey));
    if (own && own.attempt.token > token)
      throw new TrainyardError(
        'TY1701',
        `endpoint ${endpoint}: a later attempt published generation ${own.generation}`,
      );
    if (own && own === newest && own.model.sha256 === deployment.model.sha256) return own;
    const generation = (newest?.generation ?? 0) + 1;
    const head = DeploymentHead.parse({ ...deployment, generation, at: new Date().toISOString() });
    if (await store.create(`${folderOf(endpoint)}${fileOf(generation)}`, encode(head))) return head;
  }
}

async function newestOfCall(store: ArtifactStore, endpoint: string, newest: DeploymentHead, stageKey: string) {
  let head: DeploymentHead | undefined = newest;
  while (head && head.attempt.stageKey !== stageKey && newest.generation - head.generation < fenceDepth)
    head = head.generation > 1 ? await deploymentAt(store, endpoint, head.generation - 1) : undefined;
  return head?.attempt.stageKey === stageKey ? head : undefined;
}

/** Records what a server made of a generation; the first word on each generation stays. */
export async function recordServer(
  store: ArtifactStore,
  endpoint: string,
  serverId: string,
  record: ServerRecord,
): Promise<void> {
  const key = `${folderOf(endpoint)}servers/${keySegment(serverId)}/${fileOf(record.generation)}`;
  await store.create(key, encode(ServerRecord.parse(record)));
}

/** What servers recorded of one generation of an endpoint. */
export async function serversOf(store: ArtifactStore, endpoint: string, generation: number): Promise<ServerRecord[]> {
  const records: ServerRecord[] = [];
  for await (const key of store.list(`${folderOf(endpoint)}servers/`)) {
    const bytes = key.endsWith(`/${fileOf(generation)}`) ? await store.read(key) : undefined;
    if (bytes) records.push(ServerRecord.parse(JSON.parse(new TextDecoder().decode(bytes))));
  }
  return records;
}

function encode(value: DeploymentHead | ServerRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

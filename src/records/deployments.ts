/** Deployments: which model an endpoint is to serve, as heads of the kind `deployments`, and which servers say that they serve it. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { keySegment } from '../contracts/names.js';
import { Ref } from '../contracts/refs.js';
import { type Head, headAt, latestHead, namesOfKind, newestGeneration } from './heads.js';
import { compareTokens, headFolder, headKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

const kind = 'deployments';

/** The state of an endpoint; the head's generation is the model's version in the serving protocol. */
export const Deployment = z.object({
  /** Of the model's manifest; null takes the endpoint out of service. */
  model: Ref.nullable(),
  /** The stage call and the attempt that deployed; tokens of one call grow from attempt to attempt. */
  attempt: z.object({ stageKey: z.string(), token: z.string() }),
  publishedBy: z.object({ workflowId: z.string(), runId: z.string() }),
  at: z.iso.datetime(),
});
export type Deployment = z.output<typeof Deployment>;

const served = { address: z.url(), at: z.iso.datetime() };

/** What one server made of one generation. It may be gone since: ask its address. */
export const ServerRecord = z.discriminatedUnion('state', [
  z.object({ state: z.literal('serving'), ...served }),
  z.object({ state: z.literal('failed'), ...served, reason: z.string() }),
]);
export type ServerRecord = z.output<typeof ServerRecord>;

/** How many generations back a publisher looks for a later attempt of its own stage call. */
const fenceDepth = 100;

/** Every endpoint that was ever deployed, ascending. */
export function endpointsOf(store: ArtifactStore): Promise<string[]> {
  return namesOfKind(store, kind);
}

/** The deployment that holds; undefined for an endpoint that was never deployed. Throws TY1301 when it is damaged. */
export function latestDeployment(store: ArtifactStore, endpoint: string): Promise<Head<Deployment> | undefined> {
  return latestHead(store, kind, endpoint, Deployment);
}

/** The deployment that holds if it is newer than `generation`; one read when it is not. */
export async function deploymentAfter(
  store: ArtifactStore,
  endpoint: string,
  generation: number,
): Promise<Head<Deployment> | undefined> {
  const newest = await newestGeneration(store, kind, endpoint, generation);
  return newest > generation ? headAt(store, kind, endpoint, newest, Deployment) : undefined;
}

/**
 * Publishes a model as the endpoint's next generation. Where an earlier attempt of the same stage call has just published the
 * same model, that generation is given: a stage that is killed and run again deploys once.
 * @throws TrainyardError TY1701 when a later attempt of the same stage call has published: the caller is a zombie.
 */
export async function publishDeployment(
  store: ArtifactStore,
  endpoint: string,
  deployment: Omit<Deployment, 'at' | 'model'> & { readonly model: Ref },
): Promise<Head<Deployment>> {
  const { stageKey, token } = deployment.attempt;
  for (;;) {
    const newest = await latestDeployment(store, endpoint);
    const own = newest && (await newestOfCall(store, endpoint, newest, stageKey));
    if (own && compareTokens(own.body.attempt.token, token) > 0)
      throw new TrainyardError(
        'TY1701',
        `endpoint ${endpoint}: a later attempt published generation ${own.generation}`,
      );
    if (own && own === newest && own.body.model?.sha256 === deployment.model.sha256) return own;
    const generation = (newest?.generation ?? 0) + 1;
    const body = Deployment.parse({ ...deployment, at: new Date().toISOString() });
    if (await createRecord(store, headKey(kind, endpoint, generation), body)) return { generation, body };
  }
}

/**
 * Takes a deployment back: the model before it is the endpoint's again, or none where there was none. Nothing happens when a
 * newer deployment stands by then.
 */
export async function withdrawDeployment(
  store: ArtifactStore,
  endpoint: string,
  { generation, body }: Head<Deployment>,
): Promise<void> {
  const before = await headAt(store, kind, endpoint, generation - 1, Deployment);
  const model = before?.body.model ?? null;
  const restored = Deployment.parse({ ...body, model, at: new Date().toISOString() });
  await createRecord(store, headKey(kind, endpoint, generation + 1), restored);
}

async function newestOfCall(store: ArtifactStore, endpoint: string, newest: Head<Deployment>, stageKey: string) {
  let head: Head<Deployment> | undefined = newest;
  while (head && head.body.attempt.stageKey !== stageKey) {
    const before: number = head.generation - 1;
    head =
      newest.generation - before < fenceDepth ? await headAt(store, kind, endpoint, before, Deployment) : undefined;
  }
  return head;
}

/** Records what a server made of a generation; the first word on each generation stays. */
export async function recordServer(
  store: ArtifactStore,
  endpoint: string,
  generation: number,
  server: { readonly id: string; readonly record: ServerRecord },
): Promise<void> {
  await createRecord(store, serversFolder(endpoint) + serverFile(server.id, generation), server.record);
}

/** What servers recorded of one generation of an endpoint. */
export async function serversOf(store: ArtifactStore, endpoint: string, generation: number): Promise<ServerRecord[]> {
  const records: ServerRecord[] = [];
  for await (const key of store.list(serversFolder(endpoint))) {
    const record = key.endsWith(serverFile('', generation)) ? await readRecord(store, key, ServerRecord) : undefined;
    if (record) records.push(record.body);
  }
  return records;
}

function serversFolder(endpoint: string): string {
  return `${headFolder(kind, endpoint)}servers/`;
}

function serverFile(serverId: string, generation: number): string {
  return `${keySegment(serverId)}/${String(generation).padStart(12, '0')}.json`;
}

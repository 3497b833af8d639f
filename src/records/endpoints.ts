/** Endpoints in the store: their heads, and which servers say that they serve them. @module */
import { z } from 'zod';
import { createHash, randomUUID } from 'node:crypto';
import type { ArtifactStore } from '../artifacts/store.js';
import { type EndpointChange, type EndpointResult, endpoints, type EndpointState } from '../contracts/endpoints.js';
import { keySegment } from '../contracts/names.js';
import { entityHeadAt, type EntityState, type HeadSource, latestEntityHead } from './entity-heads.js';
import { namesOfKind, newestGeneration } from './heads.js';
import { createRecord, readRecord } from './sealed-records.js';

const { kind } = endpoints;

/** A published state of an endpoint, with who changed it and why. */
export type EndpointHead = EntityState<EndpointState, EndpointChange, EndpointResult>;

const served = { server: z.string(), address: z.url(), generation: z.int().positive(), at: z.iso.datetime() };

/** What one server made of one generation. It may be gone since: ask its address. */
export const ServerRecord = z.discriminatedUnion('state', [
  z.object({ state: z.literal('serving'), ...served, revisions: z.array(z.int().positive()) }),
  z.object({ state: z.literal('failed'), ...served, reason: z.string() }),
]);
export type ServerRecord = z.output<typeof ServerRecord>;

/** Every endpoint that there ever was, ascending. */
export function endpointsOf(store: ArtifactStore): Promise<string[]> {
  return namesOfKind(store, kind);
}

/** The state that holds; undefined for an endpoint that there never was. Throws TY1301 when it is damaged, TY1310 when its signature is wrong. */
export function latestEndpoint(source: HeadSource, endpoint: string): Promise<EndpointHead | undefined> {
  return latestEntityHead(source, endpoints, endpoint);
}

/** The state that holds if it is newer than `generation`; one read when it is not. Throws like {@link latestEndpoint}. */
export async function endpointAfter(
  source: HeadSource,
  endpoint: string,
  generation: number,
): Promise<EndpointHead | undefined> {
  const newest = await newestGeneration(source.store, kind, endpoint, generation);
  return newest > generation ? entityHeadAt(source, endpoints, endpoint, newest) : undefined;
}

/** The name of a stage call in an endpoint's state: keys are as long as workflow ids, and states are to stay small. */
export function deployerOf({ call, token }: { readonly call: string; readonly token: string }) {
  return { call: createHash('sha256').update(call).digest('hex').slice(0, 16), token };
}

/** Records what a server made of a generation, in place of what it said before. */
export async function recordServer(store: ArtifactStore, endpoint: string, record: ServerRecord): Promise<void> {
  const folder = `${serversFolder(endpoint)}${keySegment(record.server)}/`;
  const before: string[] = [];
  for await (const key of store.list(folder)) before.push(key);
  // Two servers of one name do not overwrite each other's word, and records are created once.
  const key = `${folder}${String(record.generation).padStart(12, '0')}-${randomUUID().slice(0, 8)}.json`;
  await createRecord(store, key, ServerRecord.parse(record));
  for (const old of before) await store.housekeeping.removeRecord(old);
}

/** The newest word of each server about an endpoint. */
export async function serversOf(store: ArtifactStore, endpoint: string): Promise<ServerRecord[]> {
  const newest = new Map<string, ServerRecord>();
  for await (const key of store.list(serversFolder(endpoint))) {
    const record = (await readRecord(store, key, ServerRecord))?.body;
    const known = record && newest.get(record.server);
    if (record && (known === undefined || record.at >= known.at)) newest.set(record.server, record);
  }
  return [...newest.values()];
}

function serversFolder(endpoint: string): string {
  return `servers/${keySegment(endpoint)}/`;
}

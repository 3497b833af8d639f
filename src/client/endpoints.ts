/** Endpoints: which revisions serve a name, and how its requests are shared out among them. @module */
import { parseOrThrow } from '../contracts/contract-violation.js';
import {
  EndpointChange,
  type EndpointResult,
  endpoints,
  type EndpointState,
  type LogPolicy,
} from '../contracts/endpoints.js';
import { TrainyardError } from '../contracts/errors.js';
import { assertName } from '../contracts/names.js';
import type { Ref } from '../contracts/refs.js';
import type { Traffic } from '../contracts/traffic.js';
import { type EndpointHead, endpointsOf, latestEndpoint, type ServerRecord, serversOf } from '../records/endpoints.js';
import { entityHeadAsOf, entityHistory, type HeadSource } from '../records/entity-heads.js';
import type { LoggedRow } from '../records/log-tables.js';
import {
  type LabelledRow,
  labelledRows,
  type LogCursor,
  type LogKind,
  type LogSegment,
  logSegments,
  readLoggedRows,
} from '../records/request-log.js';
import { changeEntity, type ChangeOptions, type EntityHost } from './change-entity.js';

/** A model for an endpoint. */
export interface NewRevision {
  readonly model: Ref;
  /** Where it is registered. */
  readonly version?: { readonly name: string; readonly version: number };
  /** `none` loads it beside what answers, and nobody meets it yet. @default 'all' */
  readonly traffic?: 'all' | 'none';
}

/** Reads endpoints from the store alone: no engine, no worker. */
export class EndpointReader {
  constructor(protected readonly source: HeadSource) {}

  /** Every endpoint that there ever was, ascending. */
  names(): Promise<string[]> {
    return endpointsOf(this.source.store);
  }

  /** The state that holds, who made it and why. Throws TY2308 for no endpoint. */
  async get(name: string): Promise<EndpointHead> {
    return found(name, await latestEndpoint(this.source, name));
  }

  /** The state that held at a time (ISO 8601). Throws TY2308 where there was none by then. */
  async asOf(name: string, time: string): Promise<EndpointHead> {
    return found(name, await entityHeadAsOf(this.source, endpoints, name, time));
  }

  /** Every change, oldest first. */
  history(name: string, options: { readonly from?: number } = {}): AsyncIterable<EndpointHead> {
    return entityHistory(this.source, endpoints, name, options.from);
  }

  /** What each server said last of what it serves. It may be gone since. */
  servers(name: string): Promise<ServerRecord[]> {
    return serversOf(this.source.store, name);
  }

  /** Segments of the log that a reader has not seen: those of each server in order. `afterSegment` moves a cursor on. */
  segments(name: string, kind: LogKind, cursor?: LogCursor): AsyncIterable<LogSegment> {
    return logSegments(this.source.store, name, kind, cursor);
  }

  /** The rows of a segment of requests. */
  rows(segment: LogSegment): Promise<LoggedRow[]> {
    return readLoggedRows(this.source.store, segment);
  }

  /** Rows that were answered since a time and have a label, each once; see `labelledRows`. */
  labelled(name: string, options?: { readonly sinceMs?: number }): AsyncIterable<LabelledRow> {
    return labelledRows(this.source.store, name, options);
  }
}

/**
 * The endpoints of a project; a pipelines worker must run to change them, none to read them. Each change gives the revision that it is about.
 * @example
 * const endpoints = new Endpoints({ client, project: 'churn', store });
 * const revision = await endpoints.deploy('churn', { model, traffic: 'none' }, { by: 'ana', reason: 'weekly training' });
 * await endpoints.setTraffic('churn', { mode: 'canary', shares: [{ revision: 1, share: 0.9 }, { revision, share: 0.1 }], shadows: [] }, { by: 'ana', reason: 'a try' });
 * await endpoints.rollBack('churn', { by: 'ana', reason: 'errors' });
 */
export class Endpoints extends EndpointReader {
  constructor(private readonly options: EntityHost & HeadSource) {
    super(options);
  }

  /** Adds a revision. Throws TY2304 where it is to wait and nothing answers. */
  async deploy(
    name: string,
    { model, version, traffic = 'all' }: NewRevision,
    options: ChangeOptions,
  ): Promise<number> {
    const { uri, sha256, sizeBytes } = model;
    const change = { kind: 'deploy', model: { uri, sha256, sizeBytes }, version, traffic } as const;
    const { revision } = await this.#change(name, change, options);
    if (revision === null) throw new Error('a deployment has a revision'); // by the rules
    return revision;
  }

  /** Shares the requests out. Throws TY2301, TY2302; TY2305 unless `instead` is the traffic by then, where it is given. */
  async setTraffic(
    name: string,
    traffic: Traffic,
    { instead, ...options }: ChangeOptions & { readonly instead?: Traffic | null },
  ): Promise<void> {
    await this.#change(name, { kind: 'setTraffic', traffic, instead }, options);
  }

  /** The traffic before; gives the revision that answers most. Throws TY2303 where there was none. */
  async rollBack(name: string, options: ChangeOptions): Promise<number | null> {
    return (await this.#change(name, { kind: 'rollBack' }, options)).revision;
  }

  /** Takes a revision away, or the endpoint out of service. Throws TY2301. */
  async withdraw(name: string, revision: number | undefined, options: ChangeOptions): Promise<void> {
    await this.#change(name, { kind: 'withdraw', revision }, options);
  }

  /** Says what servers write down of requests. */
  async setLog(name: string, log: LogPolicy, options: ChangeOptions): Promise<void> {
    await this.#change(name, { kind: 'setLog', log }, options);
  }

  async #change(name: string, change: EndpointChange, options: ChangeOptions): Promise<EndpointResult> {
    assertName('endpoint', name);
    const checked = parseOrThrow(EndpointChange, change, `change of endpoint ${name}`);
    return changeEntity<EndpointState, EndpointChange, EndpointResult>(this.options, endpoints, name, checked, options);
  }
}

function found(name: string, head: EndpointHead | undefined): EndpointHead {
  if (head !== undefined) return head;
  throw new TrainyardError('TY2308', `there is no endpoint ${name}`);
}

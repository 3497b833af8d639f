/** Watches a store for the states of endpoints, has their models loaded, and records what this server serves. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { EndpointState } from '../contracts/endpoints.js';
import { endpointAfter, endpointsOf, recordServer, type ServerRecord } from '../records/endpoints.js';
import type { HeadSource } from '../records/entity-heads.js';
import type { ModelFolder } from './model-folder.js';
import type { EndpointStanding, Revisions } from './revisions.js';

export interface FollowOptions {
  readonly source: HeadSource;
  /** Follow only what a trusted key signed. */
  readonly signedOnly: boolean;
  readonly revisions: Revisions;
  readonly models: ModelFolder;
  readonly serverId: string;
  /** Where clients reach this server. */
  readonly address: string;
  /** Follow only these endpoints; all of the store without it. */
  readonly endpoints: readonly string[] | undefined;
  /** Pause between two looks at the store, milliseconds; half of it while an endpoint has several revisions. */
  readonly pollMs: number;
  readonly log: Logger;
}

/** New endpoints need a listing of all records, known ones a single read: list only at every eighth look. */
const looksPerListing = 8;

/** A model that could not be loaded is tried again after four looks, eight, sixteen …, at most a minute later. */
const looksBeforeRetry = 4;
const longestRetryMs = 60_000;

/** What is to be served. */
interface Wanted {
  readonly generation: number;
  readonly state: EndpointState;
}

/** Where an endpoint stands. */
interface Followed {
  /** Newest generation followed, whether its models could be loaded or not. */
  readonly generation: number;
  /** The state to try again, how often it failed, and when it is due. */
  readonly retry?: { readonly wanted: Wanted; readonly failures: number; readonly dueMs: number };
  /** What the store has not been told yet. */
  readonly report?: ServerRecord;
}

/** Follows the store until it is closed. What fails is logged and tried again at the next look. */
export class HeadFollower {
  readonly #options: FollowOptions;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  readonly #seen = new Map<string, Followed>();
  readonly #troubles = new Map<string, string>();
  #complete = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#loop = this.#follow();
  }

  /** Whether the store's endpoints have all been looked at once, or are served as they were when the store was last there. */
  get complete(): boolean {
    return this.#complete;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    await this.#patiently('what was served before', () => this.#resume());
    for (let look = 0; !this.#closed(); look++) {
      if (look % looksPerListing === 0) await this.#patiently('the store', () => this.#discover());
      for (const endpoint of this.#seen.keys())
        if (!this.#closed()) await this.#patiently(`endpoint ${endpoint}`, () => this.#look(endpoint));
      this.#complete ||= !this.#troubles.has('the store');
      await delay(this.#pauseMs(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Where revisions are compared, one may have to go: half the pause. */
  #pauseMs(): number {
    const { revisions, pollMs } = this.#options;
    const compares = [...revisions.all()].some(([, { serving }]) => (serving?.revisions.size ?? 0) > 1);
    return compares ? pollMs / 2 : pollMs;
  }

  #closed(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Where the last run of this server stood: clients are answered before the store is, or without it. */
  async #resume(): Promise<void> {
    const { models, revisions, endpoints, log } = this.#options;
    for (const { endpoint, generation, state } of await models.recall()) {
      if (endpoints !== undefined && !endpoints.includes(endpoint)) continue;
      try {
        const standing = await revisions.follow(endpoint, generation, state);
        // Else the store is asked for this generation again.
        if (standing.failure === undefined)
          this.#seen.set(endpoint, { generation, report: this.#reportOf(generation, standing) });
      } catch (error) {
        log.warn(
          { endpoint, generation, error: messageOf(error) },
          'what was served before cannot be; the store is asked',
        );
      }
    }
    this.#complete = this.#seen.size > 0;
  }

  async #discover(): Promise<void> {
    const { source, endpoints } = this.#options;
    for (const endpoint of endpoints ?? (await endpointsOf(source.store)))
      if (!this.#seen.has(endpoint)) this.#seen.set(endpoint, { generation: 0 });
  }

  async #look(endpoint: string): Promise<void> {
    const { source, signedOnly } = this.#options;
    const { generation = 0, retry } = this.#seen.get(endpoint) ?? {};
    const newer = await endpointAfter(source, endpoint, generation);
    if (newer) {
      if (signedOnly && newer.author.state !== 'verified')
        throw new TrainyardError(
          'TY2306',
          `generation ${newer.generation} of ${endpoint} has no signature that counts`,
        );
      await this.#load(endpoint, newer, 0);
    } else if (retry && performance.now() >= retry.dueMs) await this.#load(endpoint, retry.wanted, retry.failures);
    await this.#report(endpoint);
  }

  async #load(endpoint: string, { generation, state }: Wanted, failuresBefore: number): Promise<void> {
    const { revisions, models, pollMs } = this.#options;
    const standing = await revisions.follow(endpoint, generation, state);
    const pauseMs = Math.min(longestRetryMs, pollMs * looksBeforeRetry * 2 ** failuresBefore);
    const wanted = { generation, state };
    const retry = { wanted, failures: failuresBefore + 1, dueMs: performance.now() + pauseMs };
    const report = this.#reportOf(generation, standing);
    this.#seen.set(endpoint, { generation, report, ...(standing.failure && { retry }) });
    if (!standing.failure) await models.remember(endpoint, generation, state);
  }

  async #report(endpoint: string): Promise<void> {
    const { report, ...followed } = this.#seen.get(endpoint) ?? { generation: 0 };
    if (report === undefined) return;
    await recordServer(this.#options.source.store, endpoint, report);
    this.#seen.set(endpoint, followed);
  }

  #reportOf(generation: number, { serving, failure }: EndpointStanding): ServerRecord {
    const { serverId: server, address } = this.#options;
    const told = { server, address, generation, at: new Date().toISOString() };
    if (failure) return { state: 'failed', ...told, reason: failure.reason };
    return { state: 'serving', ...told, revisions: [...(serving?.revisions.keys() ?? [])] };
  }

  /** One failure does not stop the others' looks; the same one is told once. */
  async #patiently(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.#troubles.delete(what);
    } catch (error) {
      const trouble = messageOf(error);
      if (this.#troubles.get(what) !== trouble)
        this.#options.log.warn({ error: trouble }, `${what} cannot be followed; what is served stays`);
      this.#troubles.set(what, trouble);
    }
  }
}

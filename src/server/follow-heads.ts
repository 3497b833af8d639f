/** Watches a store for deployments, has their models loaded, and records what this server serves. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf } from '../contracts/errors.js';
import {
  type Deployment,
  deploymentAfter,
  endpointsOf,
  recordServer,
  type ServerRecord,
} from '../records/deployments.js';
import type { Head } from '../records/heads.js';
import type { EndpointState, Revisions } from './revisions.js';

export interface FollowOptions {
  readonly store: ArtifactStore;
  readonly revisions: Revisions;
  readonly serverId: string;
  /** Where clients reach this server. */
  readonly address: string;
  /** Follow only these endpoints; all of the store without it. */
  readonly endpoints: readonly string[] | undefined;
  /** Pause between two looks at the store, milliseconds. */
  readonly pollMs: number;
  readonly log: Logger;
}

/** New endpoints need a listing of all records, known ones a single read: list only at every eighth look. */
const looksPerListing = 8;

/** A model that could not be loaded is tried again after four looks, eight, sixteen …, at most a minute later. */
const looksBeforeRetry = 4;
const longestRetryMs = 60_000;

/** Where an endpoint stands. */
interface Followed {
  /** Newest generation followed, whether its model could be loaded or not. */
  readonly generation: number;
  /** The deployment to try again, how often it failed, and when it is due. */
  readonly retry?: { readonly head: Head<Deployment>; readonly failures: number; readonly dueMs: number };
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

  /** Whether the store's deployments have all been looked at once. */
  get complete(): boolean {
    return this.#complete;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for (let look = 0; !this.#closed(); look++) {
      if (look % looksPerListing === 0) await this.#patiently('the store', () => this.#discover());
      for (const endpoint of this.#seen.keys())
        if (!this.#closed()) await this.#patiently(`endpoint ${endpoint}`, () => this.#look(endpoint));
      this.#complete ||= !this.#troubles.has('the store');
      await delay(this.#options.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #closed(): boolean {
    return this.#stop.signal.aborted;
  }

  async #discover(): Promise<void> {
    for (const endpoint of this.#options.endpoints ?? (await endpointsOf(this.#options.store)))
      if (!this.#seen.has(endpoint)) this.#seen.set(endpoint, { generation: 0 });
  }

  async #look(endpoint: string): Promise<void> {
    const { generation = 0, retry } = this.#seen.get(endpoint) ?? {};
    const newer = await deploymentAfter(this.#options.store, endpoint, generation);
    if (newer) await this.#load(endpoint, newer, 0);
    else if (retry && performance.now() >= retry.dueMs) await this.#load(endpoint, retry.head, retry.failures);
  }

  async #load(endpoint: string, head: Head<Deployment>, failuresBefore: number): Promise<void> {
    const { store, revisions, serverId, address, pollMs } = this.#options;
    const { generation, body } = head;
    if (body.model === null) {
      revisions.withdraw(endpoint);
      this.#seen.set(endpoint, { generation });
      return;
    }
    const state = await revisions.follow(endpoint, generation, body.model);
    const record: ServerRecord = { ...outcomeOf(state), address, at: new Date().toISOString() };
    await recordServer(store, endpoint, generation, { id: serverId, record });
    const pauseMs = Math.min(longestRetryMs, pollMs * looksBeforeRetry * 2 ** failuresBefore);
    const retry = { head, failures: failuresBefore + 1, dueMs: performance.now() + pauseMs };
    this.#seen.set(endpoint, state.failure ? { generation, retry } : { generation });
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

function outcomeOf({ failure }: EndpointState): { state: 'serving' } | { state: 'failed'; reason: string } {
  return failure ? { state: 'failed', reason: failure.reason } : { state: 'serving' };
}

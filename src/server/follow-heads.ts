/** Watches a store for deployments, has their models loaded, and records what this server serves. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf } from '../contracts/errors.js';
import {
  deploymentAt,
  type DeploymentHead,
  endpointsOf,
  latestDeployment,
  recordServer,
} from '../records/deployments.js';
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

/** Follows the store until it is closed. A look that fails is logged and repeated. */
export class HeadFollower {
  readonly #options: FollowOptions;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  /** Newest generation seen, by endpoint: followed, whether it could be loaded or not. */
  readonly #seen = new Map<string, number>();
  #complete = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#loop = this.#follow();
  }

  /** Whether every deployment that stood in the store has been looked at once. */
  get complete(): boolean {
    return this.#complete;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for (let look = 0; !signal.aborted; look++) {
      try {
        await this.#look(look % looksPerListing === 0);
        this.#complete = true;
      } catch (error) {
        this.#options.log.warn({ error: messageOf(error) }, 'the store cannot be read; what is served stays');
        look = -1;
      }
      await delay(this.#options.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(listing: boolean): Promise<void> {
    const { store, endpoints } = this.#options;
    const found = endpoints ?? (listing ? await endpointsOf(store) : []);
    for (const endpoint of new Set([...this.#seen.keys(), ...found])) {
      if (this.#stop.signal.aborted) return;
      const seen = this.#seen.get(endpoint);
      const head = seen === undefined ? await latestDeployment(store, endpoint) : await this.#newer(endpoint, seen);
      if (head) await this.#take(endpoint, head);
    }
  }

  async #newer(endpoint: string, seen: number): Promise<DeploymentHead | undefined> {
    const next = await deploymentAt(this.#options.store, endpoint, seen + 1);
    return next && latestDeployment(this.#options.store, endpoint);
  }

  async #take(endpoint: string, head: DeploymentHead): Promise<void> {
    const { store, revisions, serverId, address } = this.#options;
    const state = await revisions.follow(endpoint, head);
    this.#seen.set(endpoint, head.generation);
    const at = new Date().toISOString();
    await recordServer(store, endpoint, serverId, { ...outcome(state), address, generation: head.generation, at });
  }
}

function outcome({ failure }: EndpointState): { state: 'serving' } | { state: 'failed'; reason: string } {
  return failure ? { state: 'failed', reason: failure.reason } : { state: 'serving' };
}

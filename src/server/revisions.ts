/** The models a server answers for: an endpoint's revisions are loaded, warmed up, swapped in together, and those before drained. @module */
import type { Logger } from 'pino';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { type EndpointRevision, type EndpointState, type LogPolicy, revisionOf } from '../contracts/endpoints.js';
import { revisionsOf, type Traffic } from '../contracts/traffic.js';
import { Batcher } from './batcher.js';
import type { ModelSignature } from './infer-messages.js';
import type { ModelFolder } from './model-folder.js';
import { type ModelRunner, openModel } from './model-runner.js';

/** How requests are batched; see {@link startModelServer}. */
export interface BatchLimits {
  readonly maxBatch: number;
  readonly maxQueue: number;
  readonly batchDelayMs: number;
}

/** A model that is loaded. */
export interface Revision {
  readonly endpoint: string;
  /** The model's version in the protocol. */
  readonly id: number;
  readonly modelSha256: string;
  readonly signature: ModelSignature;
  readonly batcher: Batcher;
  /** It answers nobody: it runs in a thread of its own whatever it takes, so that it never holds up who waits. */
  readonly listens: boolean;
  close(): Promise<void>;
}

/** A state of an endpoint whose revisions are loaded. */
export interface Serving {
  readonly generation: number;
  readonly traffic: Traffic;
  readonly log: LogPolicy;
  /** By id. */
  readonly revisions: ReadonlyMap<number, Revision>;
}

/** What an endpoint has: a state that is served, and the newer generation that could not be loaded, if any. */
export interface EndpointStanding {
  readonly serving: Serving | undefined;
  readonly failure: { readonly generation: number; readonly reason: string } | undefined;
}

export class Revisions {
  readonly #endpoints = new Map<string, EndpointStanding>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(
    private readonly options: {
      readonly models: ModelFolder;
      readonly limits: BatchLimits;
      readonly log: Logger;
      readonly onBatch: (endpoint: string, rows: number) => void;
      /** Told of revisions that are gone. */
      readonly onRetired: (endpoint: string, revision: number) => void;
    },
  ) {}

  get(endpoint: string): EndpointStanding | undefined {
    return this.#endpoints.get(endpoint);
  }

  all(): IterableIterator<[string, EndpointStanding]> {
    return this.#endpoints.entries();
  }

  /**
   * Loads what a state's traffic names and swaps it in; no request fails meanwhile, and what is not needed any more is closed after its last
   * answer. A model that cannot be loaded leaves everything as it is and is kept as the endpoint's `failure`. A state without traffic takes
   * the endpoint out of service.
   * @throws whatever kept the store from being read: the same state may load later.
   */
  async follow(endpoint: string, generation: number, state: EndpointState): Promise<EndpointStanding> {
    const before = this.#endpoints.get(endpoint)?.serving;
    const old = [...(before?.revisions.values() ?? [])];
    const { traffic, log } = state;
    if (traffic === null) {
      this.#endpoints.delete(endpoint);
      this.options.log.info({ endpoint, generation }, 'serving nothing any more');
      this.#retire(old);
      return { serving: undefined, failure: undefined };
    }
    const loaded: Revision[] = [];
    try {
      const revisions = new Map<number, Revision>();
      for (const id of revisionsOf(traffic)) {
        const listens = traffic.shadows.includes(id);
        const kept = old.find((one) => one.id === id && one.listens === listens);
        const revision = kept ?? (await this.#load(endpoint, revisionOf(state, id), listens));
        if (kept === undefined) loaded.push(revision);
        revisions.set(id, revision);
      }
      const standing = { serving: { generation, traffic, log, revisions }, failure: undefined };
      this.#endpoints.set(endpoint, standing);
      const told = { endpoint, generation, mode: traffic.mode, revisions: [...revisions.keys()] };
      this.options.log.info(told, 'serving a new generation');
      this.#retire(old.filter((revision) => revisions.get(revision.id) !== revision));
      return standing;
    } catch (error) {
      this.#retire(loaded);
      if (!(error instanceof TrainyardError)) throw error;
      const told = { endpoint, generation, serving: before?.generation, error: error.message };
      this.options.log.error(told, 'a generation cannot be loaded');
      const standing = { serving: before, failure: { generation, reason: error.message } };
      this.#endpoints.set(endpoint, standing);
      return standing;
    }
  }

  /** Drains and closes every revision. */
  async close(): Promise<void> {
    for (const { serving } of this.#endpoints.values()) this.#retire([...(serving?.revisions.values() ?? [])]);
    this.#endpoints.clear();
    await Promise.all(this.#retiring);
  }

  #retire(revisions: readonly Revision[]): void {
    for (const revision of revisions) {
      const { endpoint, id } = revision;
      const retired = revision.close().catch((error: unknown) => {
        this.options.log.warn({ endpoint, revision: id, error: messageOf(error) }, 'a revision did not close cleanly');
      });
      this.#retiring.add(retired);
      void retired.then(() => {
        this.#retiring.delete(retired);
        if (this.#endpoints.get(endpoint)?.serving?.revisions.has(id) !== true) this.options.onRetired(endpoint, id);
      });
    }
  }

  async #load(endpoint: string, { id, model }: EndpointRevision, listens: boolean): Promise<Revision> {
    const { models, limits, onBatch } = this.options;
    const graph = await models.graphOf(model);
    const runner = await this.#open(graph, `endpoint ${endpoint}, revision ${id}`, listens);
    const { signature } = runner;
    const batcher = new Batcher((...batch) => runner.run(...batch), {
      ...limits,
      batchable: signature.batchable,
      onBatch: (rows) => {
        onBatch(endpoint, rows);
      },
    });
    const close = async () => {
      await batcher.close();
      await runner.close();
    };
    return { endpoint, id, modelSha256: model.sha256, signature, batcher, listens, close };
  }

  async #open(graph: string, what: string, apart: boolean): Promise<ModelRunner> {
    try {
      return await openModel(graph, { maxBatch: this.options.limits.maxBatch, apart });
    } catch (cause) {
      throw new TrainyardError('TY1702', `${what}: ONNX Runtime cannot run the graph: ${messageOf(cause)}`, { cause });
    }
  }
}

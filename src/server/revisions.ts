/** The models a server answers for: each endpoint's revision is loaded, warmed up, swapped in, and the one before it drained. @module */
import type { Logger } from 'pino';
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { ModelManifest } from '../contracts/manifests.js';
import type { Ref } from '../contracts/refs.js';
import { Batcher } from './batcher.js';
import type { ModelSignature } from './infer-messages.js';
import { type ModelRunner, openModel } from './model-runner.js';

/** How requests are batched; see {@link startModelServer}. */
export interface BatchLimits {
  readonly maxBatch: number;
  readonly maxQueue: number;
  readonly batchDelayMs: number;
}

/** A model that takes traffic. */
export interface Revision {
  readonly endpoint: string;
  /** The deployment's generation: the model's version in the protocol. */
  readonly generation: number;
  readonly modelSha256: string;
  readonly signature: ModelSignature;
  readonly batcher: Batcher;
  close(): Promise<void>;
}

/** What an endpoint has: a revision that serves, and the newer generation that could not be loaded, if any. */
export interface EndpointState {
  readonly serving: Revision | undefined;
  readonly failure: { readonly generation: number; readonly reason: string } | undefined;
}

export class Revisions {
  readonly #endpoints = new Map<string, EndpointState>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(
    private readonly options: {
      readonly store: ArtifactStore;
      readonly limits: BatchLimits;
      readonly log: Logger;
      readonly onBatch: (endpoint: string, rows: number) => void;
    },
  ) {}

  get(endpoint: string): EndpointState | undefined {
    return this.#endpoints.get(endpoint);
  }

  all(): IterableIterator<[string, EndpointState]> {
    return this.#endpoints.entries();
  }

  /** Takes an endpoint out of service, after its last answer. */
  withdraw(endpoint: string): void {
    const before = this.#endpoints.get(endpoint)?.serving;
    this.#endpoints.delete(endpoint);
    this.options.log.info({ endpoint, withdrawn: before?.generation }, 'serving nothing any more');
    if (before) this.#retire(before);
  }

  /**
   * Loads a deployment's model and swaps it in; no request fails meanwhile, and the old revision is closed after its last answer.
   * A model that cannot be loaded leaves the old revision in place and is kept as the endpoint's `failure`.
   * @throws whatever kept the store from being read: the same deployment may load later.
   */
  async follow(endpoint: string, generation: number, model: Ref): Promise<EndpointState> {
    const { log } = this.options;
    const before = this.#endpoints.get(endpoint)?.serving;
    try {
      const serving = await this.#load(endpoint, generation, model);
      const state = { serving, failure: undefined };
      this.#endpoints.set(endpoint, state);
      log.info({ endpoint, generation, replaced: before?.generation }, 'serving a new revision');
      if (before) this.#retire(before);
      return state;
    } catch (error) {
      if (!(error instanceof TrainyardError)) throw error;
      log.error(
        { endpoint, generation, serving: before?.generation, error: error.message },
        'a revision cannot be loaded',
      );
      const state = { serving: before, failure: { generation, reason: error.message } };
      this.#endpoints.set(endpoint, state);
      return state;
    }
  }

  /** Drains and closes every revision. */
  async close(): Promise<void> {
    for (const { serving } of this.#endpoints.values()) if (serving) this.#retire(serving);
    this.#endpoints.clear();
    await Promise.all(this.#retiring);
  }

  #retire(revision: Revision): void {
    const retired = revision.close().catch((error: unknown) => {
      this.options.log.warn(
        { endpoint: revision.endpoint, error: messageOf(error) },
        'a revision did not close cleanly',
      );
    });
    this.#retiring.add(retired);
    void retired.then(() => this.#retiring.delete(retired));
  }

  async #load(endpoint: string, generation: number, model: Ref): Promise<Revision> {
    const { store, limits, onBatch } = this.options;
    const manifest = await readJson(store, model, ModelManifest);
    const graph = await store.materialise(manifest.graph);
    const runner = await this.#open(graph, `endpoint ${endpoint}, generation ${generation}`);
    const { signature } = runner;
    const batcher = new Batcher((inputs, rows) => runner.run(inputs, rows), {
      ...limits,
      batchable: signature.batchable,
      onBatch: (rows) => {
        onBatch(endpoint, rows);
      },
    });
    const close = async () => {
      await batcher.drain();
      await runner.close();
    };
    return { endpoint, generation, modelSha256: model.sha256, signature, batcher, close };
  }

  async #open(graph: string, what: string): Promise<ModelRunner> {
    try {
      return await openModel(graph, this.options.limits.maxBatch);
    } catch (cause) {
      throw new TrainyardError('TY1702', `${what}: ONNX Runtime cannot run the graph: ${messageOf(cause)}`, { cause });
    }
  }
}

/** The model server's Prometheus metrics. @module */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Revisions } from './revisions.js';

/** Revisions of an endpoint whose figures stay after they are gone. */
const keptAfterRetirement = 8;

/** What a server counts; each server has a registry of its own. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'trainyard_server_requests_total',
    help: 'Inference requests by endpoint, revision and HTTP status',
    labelNames: ['endpoint', 'revision', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'trainyard_server_request_seconds',
    help: 'Time from the complete request to the answer',
    labelNames: ['endpoint', 'revision'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.#registry],
  });
  readonly #batchRows = new Histogram({
    name: 'trainyard_server_batch_rows',
    help: 'Rows that shared one run of the model',
    labelNames: ['endpoint'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.#registry],
  });
  readonly #generation = new Gauge({
    name: 'trainyard_server_generation',
    help: 'Generation that an endpoint serves',
    labelNames: ['endpoint'],
    registers: [this.#registry],
  });
  readonly #queued = new Gauge({
    name: 'trainyard_server_queued_requests',
    help: 'Requests that wait for a run',
    labelNames: ['endpoint'],
    registers: [this.#registry],
  });

  readonly #unlogged = new Counter({
    name: 'trainyard_server_unlogged_requests_total',
    help: 'Requests that were to be logged and were not: the disk, or what waits for the store, is full',
    labelNames: ['endpoint'],
    registers: [this.#registry],
  });

  /** Revisions that are gone, oldest first, by endpoint: their last figures are still to be scraped. */
  readonly #gone = new Map<string, number[]>();

  /** One inference request, answered. `endpoint` must be one that is served: labels of strangers' making have no bound. */
  answered(
    endpoint: string,
    { revision, status, seconds }: { readonly revision: number; readonly status: number; readonly seconds: number },
  ): void {
    this.#requests.inc({ endpoint, revision, status });
    this.#seconds.observe({ endpoint, revision }, seconds);
  }

  /** Forgets revisions some time after they are gone, so that a server that lives for years keeps its size. */
  retired(endpoint: string, revision: number): void {
    const gone = [...(this.#gone.get(endpoint) ?? []).filter((one) => one !== revision), revision];
    while (gone.length > keptAfterRetirement) void this.#forget(endpoint, gone.shift());
    this.#gone.set(endpoint, gone);
  }

  async #forget(endpoint: string, revision: number | undefined): Promise<void> {
    const requests = await this.#requests.get();
    for (const { labels } of requests.values)
      if (labels.endpoint === endpoint && Number(labels.revision) === revision) this.#requests.remove(labels);
    this.#seconds.remove({ endpoint, revision: Number(revision) });
  }

  unlogged(endpoint: string): void {
    this.#unlogged.inc({ endpoint });
  }

  batch(endpoint: string, rows: number): void {
    this.#batchRows.observe({ endpoint }, rows);
  }

  /** The text that Prometheus scrapes. */
  async text(revisions: Revisions): Promise<{ readonly contentType: string; readonly body: string }> {
    for (const [endpoint, { serving }] of revisions.all())
      if (serving) {
        this.#generation.set({ endpoint }, serving.generation);
        const waiting = [...serving.revisions.values()].reduce((sum, { batcher }) => sum + batcher.waiting, 0);
        this.#queued.set({ endpoint }, waiting);
      }
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

/** What is made of each request beside its answer: metrics, counts by revision, copies for those that listen. @module */
import type { InferRequest } from './infer-messages.js';
import { type AnsweredRequest, listenedRows, loggedRows } from './logged-rows.js';
import { mirror } from './mirror.js';
import type { Revision, Serving } from './revisions.js';
import type { ServerMetrics } from './server-metrics.js';
import type { Tensors } from './tensors.js';
import type { TrafficCounts } from './traffic-counts.js';
import type { WriteAhead } from './write-ahead.js';

/** A request that was answered. */
export interface Answered {
  readonly endpoint: string;
  readonly serving: Serving;
  readonly revision: Revision;
  /** It named its version. */
  readonly named: boolean;
  readonly status: number;
  /** From the complete request to the answer. */
  readonly ms: number;
  /** Of the model's run alone; undefined where it shared the run with other requests. */
  readonly executionMs: number | undefined;
  /** Undefined where it could not be read. */
  readonly asked: InferRequest | undefined;
  /** Undefined where there was no answer. */
  readonly outputs: Tensors | undefined;
  /** Its id, where it is written down. */
  readonly logged: string | undefined;
}

export class Observer {
  constructor(
    readonly metrics: ServerMetrics,
    private readonly counts: TrafficCounts,
    /** Undefined where the server has no folder. */
    readonly log: WriteAhead | undefined,
  ) {}

  /** Whether a request's inputs are needed when it was answered. */
  needsInputs({ traffic, log }: Serving): boolean {
    return traffic.shadows.length > 0 || (this.log !== undefined && log.columns.length > 0);
  }

  /** Whether a request is to be written down: then it needs an id. */
  samples({ log }: Serving): boolean {
    return this.log !== undefined && (log.sample === 1 || Math.random() < log.sample);
  }

  /** Writes a request down, before it is answered. One that cannot be is answered all the same, and counted. */
  write(endpoint: string, { log }: Serving, request: AnsweredRequest): void {
    if (this.log?.append('requests', endpoint, loggedRows(log, request)) === false) this.metrics.unlogged(endpoint);
  }

  answered({ endpoint, serving, revision, named, status, ms, executionMs, asked, outputs, logged }: Answered): void {
    this.metrics.answered(endpoint, { revision: revision.id, status, seconds: ms / 1000 });
    // Whoever names a version tests it: that is no traffic.
    if (named) return;
    const { id } = revision;
    this.counts.add({
      endpoint,
      serving,
      revision: id,
      listens: false,
      ms,
      executionMs,
      outputs: status < 400 ? outputs : undefined,
    });
    if (!asked || serving.traffic.shadows.length === 0) return;
    mirror(endpoint, serving, asked.inputs, {
      counts: this.counts,
      keep: ({ id: listener, signature: { batchable } }, given) => {
        if (logged === undefined) return;
        this.log?.append(
          'listened',
          endpoint,
          listenedRows({ id: logged, revision: listener, batchable, outputs: given }),
        );
      },
    });
  }
}

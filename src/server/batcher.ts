/** Zero-delay batches: requests that arrive in one turn of the event loop, or while a batch runs, share one run. @module */
import type { OnExecution } from './model-session.js';
import { RequestError } from './request-error.js';
import { joinRows, sliceRows, type Tensors } from './tensors.js';

export interface BatcherOptions {
  /** Rows of a batch; a request with more runs alone. */
  readonly maxBatch: number;
  /** Requests that may wait; one more is answered 503. */
  readonly maxQueue: number;
  /** Wait this long for company, milliseconds; 0 takes what is there, so that a lone client never waits. */
  readonly batchDelayMs: number;
  /** Whether requests may be joined along the first axis. */
  readonly batchable: boolean;
  /** Told of every batch. */
  readonly onBatch: (rows: number) => void;
}

/** Runs one batch. */
type RunBatch = (inputs: Tensors, rows: number, onExecution?: OnExecution) => Promise<Tensors>;

interface Waiting {
  readonly inputs: Tensors;
  readonly rows: number;
  /** Requests join only with their like: the sizes of all axes but the first. */
  readonly kind: string;
  readonly onExecution: OnExecution | undefined;
  resolve(outputs: Tensors): void;
  reject(error: unknown): void;
}

/** Collects requests for one model and runs them, one batch at a time. */
export class Batcher {
  readonly #run: RunBatch;
  readonly #options: BatcherOptions;
  #queue: Waiting[] = [];
  #busy = false;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(run: RunBatch, options: BatcherOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Requests that wait for a run. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * The outputs for one request's rows.
   * @param onExecution told of the run if the request has it for itself: what part of a shared run it took, nobody knows
   * @throws RequestError 503 when the queue is full or the model is gone, 400 when the model cannot take these values.
   */
  submit(inputs: Tensors, onExecution?: OnExecution): Promise<Tensors> {
    if (this.#closed) return Promise.reject(new RequestError(503, 'the revision was taken away'));
    if (this.#queue.length >= this.#options.maxQueue)
      return Promise.reject(new RequestError(503, `${this.#queue.length} requests wait already`));
    const shapes = Object.values(inputs).map(({ shape }) => shape);
    const rows = this.#options.batchable ? (shapes[0]?.[0] ?? 1) : 1;
    const kind = shapes.map((shape) => shape.slice(1).join()).join(';');
    return new Promise((resolve, reject) => {
      this.#queue.push({ inputs, rows, kind, onExecution, resolve, reject });
      if (!this.#busy) this.#schedule();
    });
  }

  /** Takes no more, and resolves when nothing waits and nothing runs. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    this.#busy = true;
    const { batchDelayMs } = this.#options;
    const turn = () => void this.#turn();
    if (batchDelayMs > 0) setTimeout(turn, batchDelayMs);
    else setImmediate(turn);
  }

  async #turn(): Promise<void> {
    await this.#runBatch(this.#takeBatch());
    if (this.#queue.length > 0) {
      this.#schedule();
      return;
    }
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #takeBatch(): Waiting[] {
    const { maxBatch, batchable } = this.#options;
    let rows = 0;
    const kind = this.#queue[0]?.kind;
    const end = this.#queue.findIndex((request, index) => {
      rows += request.rows;
      return index > 0 && (!batchable || request.kind !== kind || rows > maxBatch);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #runBatch(batch: readonly Waiting[]): Promise<void> {
    const rows = batch.reduce((sum, request) => sum + request.rows, 0);
    try {
      this.#options.onBatch(rows);
      const onExecution = batch.length === 1 ? batch[0]?.onExecution : undefined;
      const outputs = await this.#run(joinRows(batch.map(({ inputs }) => inputs)), rows, onExecution);
      let from = 0;
      for (const request of batch) {
        request.resolve(batch.length === 1 ? outputs : sliceRows(outputs, from, from + request.rows));
        from += request.rows;
      }
    } catch (error) {
      const [first] = batch;
      if (batch.length === 1) first?.reject(refusedByModel(error));
      // One request's values must not fail its neighbours: each runs again alone.
      else for (const request of batch) await this.#runBatch([request]);
    }
  }
}

/** An operator that cannot take the values (an index out of range, say) is the request's fault. */
function refusedByModel(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RequestError(400, `the model cannot take this input: ${reason.slice(0, 300)}`, { cause: error });
}

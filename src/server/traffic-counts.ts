/** Counts an endpoint's requests by revision and publishes the counts every few seconds. @module */
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf } from '../contracts/errors.js';
import { count, durationBins, outputBins } from '../records/histograms.js';
import { forgetWindows, publishWindow, type RevisionCounts, type TrafficWindow } from '../records/traffic-windows.js';
import type { Serving } from './revisions.js';
import { numbersIn, type Tensors } from './tensors.js';

/** One request, or one copy of it. */
export interface Counted {
  readonly endpoint: string;
  readonly serving: Serving;
  readonly revision: number;
  readonly listens: boolean;
  readonly ms: number;
  /** Of the model's run alone; undefined where it shared the run with other requests. */
  readonly executionMs: number | undefined;
  /** Undefined where the revision gave no answer. */
  readonly outputs: Tensors | undefined;
}

/** While several revisions are compared, and otherwise. */
const [comparedEveryMs, otherwiseEveryMs] = [1_000, 30_000];

/** A look at what is old, in windows. */
const windowsBetweenTidying = 500;

/** Windows that wait for a store that is away; then the oldest goes. */
const mostWaiting = 20;

const mostOutputs = 8;

interface Open {
  readonly fromMs: number;
  readonly generation: number;
  readonly everyMs: number;
  readonly revisions: Map<string, RevisionCounts>;
}

export class TrafficCounts {
  readonly #open = new Map<string, Open>();
  readonly #waiting: { readonly endpoint: string; readonly window: TrafficWindow }[] = [];
  readonly #timer: NodeJS.Timeout;
  #publishing = Promise.resolve();
  #published = 0;

  constructor(
    private readonly options: {
      readonly store: ArtifactStore;
      readonly server: string;
      readonly log: Logger;
      /** @default 1 s while revisions are compared, else 30 s */
      readonly everyMs: number | undefined;
    },
  ) {
    this.#timer = setInterval(() => void this.#turn(false), Math.min(500, options.everyMs ?? 500));
    this.#timer.unref();
  }

  /** Counts one. */
  add({ endpoint, serving, revision, listens, ms, executionMs, outputs }: Counted): void {
    const counts = this.#countsOf(endpoint, serving, revision, listens);
    counts.requests++;
    if (outputs === undefined) {
      counts.errors++;
      return;
    }
    count(counts.latency, durationBins.binOf(ms));
    if (executionMs !== undefined) count((counts.execution ??= {}), durationBins.binOf(executionMs));
    for (const [name, tensor] of Object.entries(outputs).slice(0, mostOutputs)) {
      const numbers = numbersIn(tensor);
      if (numbers === undefined) continue;
      const output = (counts.outputs[name] ??= { values: {}, missing: 0 });
      for (const value of numbers)
        if (Number.isNaN(value)) output.missing++;
        else count(output.values, outputBins.binOf(value));
    }
  }

  /** Counts a copy that was not run. */
  drop(endpoint: string, serving: Serving, revision: number): void {
    this.#countsOf(endpoint, serving, revision, true).dropped++;
  }

  /** Publishes what was counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn(true);
  }

  #countsOf(endpoint: string, { generation, traffic }: Serving, revision: number, listens: boolean): RevisionCounts {
    let open = this.#open.get(endpoint);
    // A window is of one generation: a judge counts from the change on.
    if (open && open.generation !== generation) {
      this.#end(endpoint, open);
      open = undefined;
    }
    if (open === undefined) {
      const compared = traffic.shares.length > 1 || traffic.shadows.length > 0;
      const everyMs = this.options.everyMs ?? (compared ? comparedEveryMs : otherwiseEveryMs);
      this.#open.set(endpoint, (open = { fromMs: Date.now(), generation, everyMs, revisions: new Map() }));
    }
    const key = `${revision}${listens ? ' listens' : ''}`;
    let counts = open.revisions.get(key);
    if (counts === undefined) {
      counts = { revision, listens, requests: 0, errors: 0, dropped: 0, latency: {}, outputs: {} };
      open.revisions.set(key, counts);
    }
    return counts;
  }

  #end(endpoint: string, { fromMs, generation, revisions }: Open): void {
    this.#open.delete(endpoint);
    const [from, to] = [new Date(fromMs).toISOString(), new Date().toISOString()];
    const window = { server: this.options.server, generation, from, to, revisions: [...revisions.values()] };
    this.#waiting.push({ endpoint, window });
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  #turn(all: boolean): Promise<void> {
    for (const [endpoint, open] of [...this.#open])
      if (all || Date.now() - open.fromMs >= open.everyMs) this.#end(endpoint, open);
    return (this.#publishing = this.#publishing.then(() => this.#publish()));
  }

  async #publish(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await publishWindow(this.options.store, next.endpoint, next.window);
        // It may have gone for a newer one meanwhile.
        if (this.#waiting[0] === next) this.#waiting.shift();
        if (this.#published++ % windowsBetweenTidying === 0) await forgetWindows(this.options.store, next.endpoint);
      }
    } catch (error) {
      this.options.log.debug({ error: messageOf(error) }, 'what was counted waits for the store');
    }
  }
}

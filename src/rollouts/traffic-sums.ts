/** What servers counted since a time, added up; a worker reads each window once, however often it looks. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { addTo, type Histogram } from '../records/histograms.js';
import { type RevisionCounts, trafficWindows } from '../records/traffic-windows.js';

/** Of one revision. */
export interface TrafficSum {
  requests: number;
  errors: number;
  readonly latency: Histogram;
  readonly execution: Histogram;
  /** Values of each output. */
  readonly outputs: Record<string, Histogram>;
}

/** Which windows count. */
export interface Span {
  readonly sinceMs: number;
  /** @default without an end */
  readonly untilMs?: number;
  /** Only those in which this revision alone answered. */
  readonly alone?: number;
  /** Of this generation of the endpoint, or a later one. */
  readonly generation: number;
}

interface Known {
  readonly windows: Set<string>;
  readonly sums: Map<number, TrafficSum>;
}

/** Spans that are remembered: those of the rollouts that are under way. */
const mostKnown = 32;

export class TrafficSums {
  readonly #known = new Map<string, Known>();

  constructor(private readonly store: ArtifactStore) {}

  /** By revision. */
  async of(endpoint: string, span: Span): Promise<ReadonlyMap<number, TrafficSum>> {
    const { windows, sums } = this.#of(JSON.stringify([endpoint, span]));
    for await (const { key, revisions } of trafficWindows(this.store, endpoint, { ...span, except: windows })) {
      if (windows.has(key)) continue; // another look was faster
      windows.add(key);
      const answering = revisions.filter(({ listens }) => !listens);
      if (span.alone !== undefined && answering.some(({ revision }) => revision !== span.alone)) continue;
      for (const counts of revisions) add(sums, counts);
    }
    return sums;
  }

  #of(key: string): Known {
    const known = this.#known.get(key) ?? { windows: new Set(), sums: new Map() };
    this.#known.delete(key);
    this.#known.set(key, known); // the newest last
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

function add(
  sums: Map<number, TrafficSum>,
  { revision, requests, errors, latency, execution, outputs }: RevisionCounts,
): void {
  const sum = sums.get(revision) ?? { requests: 0, errors: 0, latency: {}, execution: {}, outputs: {} };
  sums.set(revision, sum);
  sum.requests += requests;
  sum.errors += errors;
  addTo(sum.latency, latency);
  addTo(sum.execution, execution ?? {});
  for (const [name, { values }] of Object.entries(outputs)) addTo((sum.outputs[name] ??= {}), values);
}

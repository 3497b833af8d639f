/** Curves: published in segments beside the checkpoints while training runs, read back without what a resume superseded. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { checkpointFolders, CheckpointBase } from './checkpoint-chain.js';
import { baseKey, callFolder, parseRecordKey, sequenceKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

const RecordedPoint = z.object({
  step: z.number(),
  /** Milliseconds since 1970, by the clock of the machine that trains. */
  time: z.number(),
  values: z.record(z.string(), z.number()),
});

const MetricSegment = z.object({ version: z.literal(1), attempt: z.int().positive(), points: z.array(RecordedPoint) });

/** Values of some curves at one step, and the attempt that measured them. */
export type MetricPoint = z.output<typeof RecordedPoint> & { readonly attempt: number };

/** A new attempt resumed: points already given with a greater step (all of them when null) are superseded. */
export interface MetricsResumed {
  readonly resumed: { readonly attempt: number; readonly afterStep: number | null };
}

/** A point waits at most this long; with the time to write it, readers see it within 2 s. */
const publishWithinMs = 1_000;

/** Publishes the points of one attempt. */
export class MetricsWriter {
  /** Done once before the first segment is written: readers follow the bases of attempts. */
  beforeFirst: (() => Promise<unknown>) | undefined;
  readonly #options: { readonly store: ArtifactStore; readonly attempt: number };
  readonly #folder: string;
  readonly #token: string;
  #points: z.output<typeof RecordedPoint>[] = [];
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #lastStep: number | undefined;

  constructor(options: {
    readonly store: ArtifactStore;
    readonly stageKey: string;
    readonly token: string;
    readonly attempt: number;
  }) {
    this.#options = options;
    this.#folder = callFolder('metrics', options.stageKey);
    this.#token = options.token;
  }

  /** Step of the last point; undefined before the first one. */
  get lastStep(): number | undefined {
    return this.#lastStep;
  }

  /** Takes a point, finite values only, and publishes it within 2 s. A store that cannot be written to is tried again. */
  add(step: number, values: Readonly<Record<string, number>>): void {
    this.#points.push({ step, time: Date.now(), values: { ...values } });
    this.#lastStep = step;
    this.#timer ??= setTimeout(() => {
      this.flush().catch(() => undefined); // the points are kept, and the next one sets the timer again
    }, publishWithinMs);
  }

  /** Publishes what was taken so far; durable when the promise resolves. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const flushed = this.#last.then(() => this.#publish());
    this.#last = flushed.catch(() => undefined);
    return flushed;
  }

  async #publish(): Promise<void> {
    const points = [...this.#points];
    if (points.length === 0) return;
    await this.beforeFirst?.();
    this.beforeFirst = undefined;
    const segment = { version: 1, attempt: this.#options.attempt, points } satisfies z.input<typeof MetricSegment>;
    const key = () => sequenceKey(this.#folder, this.#token, this.#seq + 1);
    // A key that exists is one of ours, whose answer was lost; readers follow the numbers, which must have no gap.
    while (!(await createRecord(this.#options.store, key(), segment))) this.#seq++;
    this.#seq++;
    this.#points.splice(0, points.length);
  }
}

/** The points of a stage call as they stand, in order, along the chain of attempts: no point twice, none superseded. */
export async function* readMetrics(
  store: ArtifactStore,
  stageKey: string,
): AsyncGenerator<MetricPoint, void, undefined> {
  yield* newPoints(store, stageKey, await stretches(store, stageKey), new Map());
}

/** The same while the call runs: goes on until the signal is aborted, then gives what is left. */
export async function* followMetrics(
  store: ArtifactStore,
  stageKey: string,
  options: { readonly signal: AbortSignal; readonly pollMs: number },
): AsyncGenerator<MetricPoint | MetricsResumed, void, undefined> {
  const seen = new Map<string, number>();
  let newest: Stretch | undefined;
  for (;;) {
    const { aborted } = options.signal;
    const found = await stretches(store, stageKey);
    const last = found.at(-1);
    if (newest && last && last.token !== newest.token)
      yield { resumed: { attempt: last.attempt, afterStep: found.at(-2)?.upTo ?? null } };
    newest = last;
    yield* newPoints(store, stageKey, found, seen);
    if (aborted) return;
    await delay(options.pollMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** The last step that one attempt told of, as far as it was published; undefined for none, and where its record is damaged. */
export async function lastStep(store: ArtifactStore, stageKey: string, token: string): Promise<number | undefined> {
  let newest: string | undefined;
  for await (const key of store.list(`${callFolder('metrics', stageKey)}${token}/`)) newest = key;
  if (newest === undefined) return undefined;
  try {
    return (await readRecord(store, newest, MetricSegment))?.body.points.at(-1)?.step;
  } catch (error) {
    if (error instanceof TrainyardError) return undefined; // it is told for people only
    throw error;
  }
}

/** The points of one attempt that count: up to the step that its successor resumed at. */
interface Stretch {
  readonly token: string;
  readonly attempt: number;
  readonly upTo: number;
}

async function* newPoints(
  store: ArtifactStore,
  stageKey: string,
  along: readonly Stretch[],
  seen: Map<string, number>,
): AsyncGenerator<MetricPoint, void, undefined> {
  const folder = callFolder('metrics', stageKey);
  for (const { token, upTo } of along)
    for (let seq = (seen.get(token) ?? 0) + 1; ; seq++) {
      const segment = await readRecord(store, sequenceKey(folder, token, seq), MetricSegment);
      if (segment === undefined) break;
      seen.set(token, seq);
      const { points, attempt } = segment.body;
      for (const point of points) if (point.step <= upTo) yield { ...point, attempt };
    }
}

/** Follows the recorded bases from the newest attempt back to the first one of this call. */
async function stretches(store: ArtifactStore, stageKey: string): Promise<Stretch[]> {
  const folder = callFolder('checkpoints', stageKey);
  const found: Stretch[] = [];
  let token = (await checkpointFolders(store, folder)).findLast(({ hasBase }) => hasBase)?.token;
  let upTo = Infinity;
  while (token !== undefined) {
    const base: CheckpointBase | undefined = (await readRecord(store, baseKey(folder, token), CheckpointBase))?.body;
    if (base === undefined) break;
    found.unshift({ token, attempt: base.attempt, upTo });
    const named = base.checkpoint ? parseRecordKey(base.checkpoint.key) : undefined;
    token = named?.folder === folder ? named.token : undefined;
    upTo = Math.min(upTo, base.step ?? -Infinity);
  }
  return found;
}

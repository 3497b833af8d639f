/** The attempt log: Temporal's history does not show retried attempts, so each one writes down what happened to it. @module */
import { z } from 'zod';
import { putJson, readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { CacheSource, type SealedLog } from '../contracts/envelope.js';
import { TrainyardError } from '../contracts/errors.js';
import { type FailureClass, failureClasses } from '../contracts/failure-classes.js';
import { Ref } from '../contracts/refs.js';
import { CacheParts } from './cache-entries.js';
import { callFolder, compareTokens, parseRecordKey, parseToken, sequenceKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

/** A failure class by its name. */
// Object.keys widens to string[]; the keys are exactly the classes.
export const FailureClassName = z.enum(Object.keys(failureClasses) as [FailureClass, ...FailureClass[]]);

/** How an attempt ended. */
export const Ending = z.discriminatedUnion('outcome', [
  z.object({ event: z.literal('end'), outcome: z.literal('completed') }),
  /** Stopped from outside, through no fault of the stage. */
  z.object({ event: z.literal('end'), outcome: z.enum(['cancelled', 'paused', 'reset']) }),
  z.object({
    event: z.literal('end'),
    outcome: z.literal('failed'),
    class: FailureClassName,
    message: z.string(),
    evidence: z.record(z.string(), z.json()),
  }),
]);

export type Ending = z.output<typeof Ending>;

/** One thing that happened to an attempt. Without an `end` it vanished: its worker was lost. */
export const AttemptEvent = z.discriminatedUnion('event', [
  /**
   * `attempt` counts from 1 over all generations of the call; `worker` is its identity, for people; `adaptation` is what the contract
   * changed for this generation, and after which failure.
   */
  z.object({
    event: z.literal('start'),
    attempt: z.int().positive(),
    worker: z.string(),
    adaptation: z.string().optional(),
  }),
  /**
   * Key of the checkpoint that it resumes from; null: from the beginning. `passedOver` newer good ones were not to be taken. `step` is the
   * last one with metrics when it was saved, `reached` the last one that the attempt before told of: what lies between is repeated.
   */
  z.object({
    event: z.literal('base'),
    checkpoint: z.string().nullable(),
    fromAttempt: z.int().positive().optional(),
    passedOver: z.int().positive().optional(),
    step: z.number().optional(),
    reached: z.number().optional(),
  }),
  /** A record or a checkpoint that could not be used: reported, skipped, still there. */
  z.object({ event: z.literal('damaged'), key: z.string(), reason: z.string() }),
  /** The checkpoint was made on other numerics: equal bytes are not promised any more. `changed` names what differs. */
  z.object({ event: z.literal('numerics'), changed: z.array(z.string()) }),
  z.object({
    event: z.literal('params'),
    values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  z.object({ event: z.literal('tracked'), kind: z.enum(['figure', 'artifact']), name: z.string(), ref: Ref }),
  z.object({ event: z.literal('note'), text: z.string() }),
  /** What the stage's cache was asked for; `source` made the result that was there, absent where there was none. */
  z.object({ event: z.literal('cache'), parts: CacheParts, source: CacheSource.optional() }),
  Ending,
]);
export type AttemptEvent = z.output<typeof AttemptEvent>;

const LoggedEvent = z.intersection(AttemptEvent, z.object({ at: z.iso.datetime() }));
export type LoggedEvent = z.output<typeof LoggedEvent>;

/** All that is known of one attempt, in the order in which it happened. */
export const AttemptRecord = z.object({ token: z.string(), events: z.array(LoggedEvent) });
export type AttemptRecord = z.output<typeof AttemptRecord>;

/** What one record holds: what was told together. */
const LoggedEvents = z.array(LoggedEvent);

/** A start is written by itself after this long; milliseconds. Tells a stage that is short from one that runs. */
const startWithinMs = 100;

/** Writes the log of one attempt; the pool's process and its child may both write. */
export class AttemptLog {
  readonly #store: ArtifactStore;
  readonly #stageKey: string;
  readonly #folder: string;
  readonly #token: string;
  readonly #earlier: readonly string[];
  readonly #events: LoggedEvent[] = [];
  /** Told, and not yet on the way to the store. */
  readonly #unwritten: LoggedEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #soon: Promise<void> | undefined;
  #seq = 0;

  /** @param options `earlier` are the tokens of the attempts whose logs are sealed with this one; @default none */
  constructor(options: {
    readonly store: ArtifactStore;
    readonly stageKey: string;
    readonly token: string;
    readonly earlier?: readonly string[];
  }) {
    this.#store = options.store;
    this.#stageKey = options.stageKey;
    this.#folder = callFolder('attempts', options.stageKey);
    this.#token = options.token;
    this.#earlier = options.earlier ?? [];
  }

  /** Writes an event, durable when the promise resolves. */
  async append(event: AttemptEvent): Promise<void> {
    this.#tell(event);
    await this.#write();
  }

  /** Writes an event together with the next one, or by itself after a moment. */
  appendSoon(event: AttemptEvent): void {
    this.#tell(event);
    this.#timer = setTimeout(() => {
      this.#soon = this.#write().catch(() => undefined); // the event is kept for the next record
    }, startWithinMs);
  }

  /**
   * Writes how the attempt ended, and stores its log with those before it as one artifact, whose digest goes into history. The log of a
   * short first attempt that completed goes into history itself: no attempt comes after it that would look for records.
   */
  async end(event: Ending): Promise<SealedLog> {
    this.#tell(event);
    clearTimeout(this.#timer);
    const isShort = event.outcome === 'completed' && this.#seq === 0 && this.#earlier.length === 0;
    if (isShort) return { attempts: [this.#record] };
    const [log] = await Promise.all([this.#seal(), this.#write()]);
    return log;
  }

  get #record(): AttemptRecord {
    return { token: this.#token, events: this.#events };
  }

  #tell(event: AttemptEvent): void {
    const logged = { ...event, at: new Date().toISOString() };
    this.#events.push(logged);
    this.#unwritten.push(logged);
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    const events = this.#unwritten.splice(0);
    await this.#soon;
    if (events.length === 0) return;
    try {
      while (!(await createRecord(this.#store, sequenceKey(this.#folder, this.#token, ++this.#seq), events)));
    } catch (error) {
      this.#unwritten.unshift(...events);
      throw error;
    }
  }

  async #seal(): Promise<Ref> {
    const stageKey = this.#stageKey;
    const earlier = this.#earlier.map((token) => readAttempt(this.#store, stageKey, token));
    const attempts = [...(await Promise.all(earlier)), this.#record];
    return putJson(this.#store, { version: 1, stageKey, attempts } satisfies z.input<typeof SealedAttemptLog>);
  }
}

/**
 * Starts an attempt's log and numbers the attempt: 1, 2, … over all generations of the call. Where Temporal has counted further, its
 * number is taken: attempts in between left no record.
 * @param options `mayBeShort`: the start is written with the next event, or after a tenth of a second; an attempt that
 *   ends well before that leaves its sealed log alone, one that takes its worker along leaves nothing.
 */
export async function startAttempt(options: {
  readonly store: ArtifactStore;
  readonly stageKey: string;
  readonly token: string;
  readonly worker: string;
  readonly adaptation?: string | undefined;
  readonly mayBeShort?: boolean;
}): Promise<{ readonly log: AttemptLog; readonly attempt: number }> {
  const { store, stageKey, token, worker, adaptation, mayBeShort = false } = options;
  const earlier = (await attemptTokens(store, stageKey)).filter((other) => other !== token);
  const attempt = [...earlier, token].reduce((last, next) => Math.max(last + 1, parseToken(next).attempt), 0);
  const log = new AttemptLog({ store, stageKey, token, earlier });
  const start = { event: 'start', attempt, worker, ...(adaptation === undefined ? {} : { adaptation }) } as const;
  if (mayBeShort) log.appendSoon(start);
  else await log.append(start);
  return { log, attempt };
}

/** Tokens of the attempts that have a log, ascending. */
export async function attemptTokens(store: ArtifactStore, stageKey: string): Promise<string[]> {
  const tokens = new Set<string>();
  for await (const key of store.list(callFolder('attempts', stageKey))) {
    const parsed = parseRecordKey(key);
    if (parsed) tokens.add(parsed.token);
  }
  return [...tokens].sort(compareTokens);
}

/** What one attempt logged. A damaged event is given as such: one flipped bit must not stop the attempts that come after. */
export async function readAttempt(store: ArtifactStore, stageKey: string, token: string): Promise<AttemptRecord> {
  const events: LoggedEvent[] = [];
  const folder = callFolder('attempts', stageKey);
  for await (const key of store.list(`${folder}${token}/`)) {
    try {
      const record = await readRecord(store, key, LoggedEvents);
      if (record) events.push(...record.body);
    } catch (error) {
      if (!(error instanceof TrainyardError)) throw error;
      const at = new Date(parseToken(token).scheduledMs).toISOString();
      events.push({ event: 'damaged', key, reason: error.what, at });
    }
  }
  return { token, events };
}

/**
 * The logs of all attempts of a stage call, in their order.
 * @param sealed what history holds once the call has completed. @default the records so far
 */
export async function readAttemptLog(
  store: ArtifactStore,
  stageKey: string,
  sealed?: SealedLog,
): Promise<AttemptRecord[]> {
  if (sealed && 'attempts' in sealed) return z.array(AttemptRecord).parse(sealed.attempts);
  if (sealed) return (await readJson(store, sealed, SealedAttemptLog)).attempts;
  const tokens = await attemptTokens(store, stageKey);
  return Promise.all(tokens.map((token) => readAttempt(store, stageKey, token)));
}

/** Behind the ref of a sealed log. */
export const SealedAttemptLog = z.object({
  version: z.literal(1),
  stageKey: z.string(),
  attempts: z.array(AttemptRecord),
});

/** The attempt log: Temporal's history does not show retried attempts, so each one writes down what happened to it. @module */
import { z } from 'zod';
import { putJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { type FailureClass, failureClasses } from '../contracts/failure-classes.js';
import { Ref } from '../contracts/refs.js';
import { callFolder, compareTokens, parseRecordKey, parseToken, sequenceKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

/** A failure class by its name. */
// Object.keys widens to string[]; the keys are exactly the classes.
export const FailureClassName = z.enum(Object.keys(failureClasses) as [FailureClass, ...FailureClass[]]);

const Ending = z.discriminatedUnion('outcome', [
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

/** One thing that happened to an attempt. Without an `end` it vanished: its worker was lost. */
export const AttemptEvent = z.discriminatedUnion('event', [
  /** `attempt` counts from 1 over all generations of the call; `worker` is its identity, for people. */
  z.object({ event: z.literal('start'), attempt: z.int().positive(), worker: z.string() }),
  /** Key of the checkpoint that it resumes from; null: from the beginning. */
  z.object({ event: z.literal('base'), checkpoint: z.string().nullable(), fromAttempt: z.int().positive().optional() }),
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
  Ending,
]);
export type AttemptEvent = z.output<typeof AttemptEvent>;

const LoggedEvent = z.intersection(AttemptEvent, z.object({ at: z.iso.datetime() }));
export type LoggedEvent = z.output<typeof LoggedEvent>;

/** All that is known of one attempt, in the order in which it happened. */
export const AttemptRecord = z.object({ token: z.string(), events: z.array(LoggedEvent) });
export type AttemptRecord = z.output<typeof AttemptRecord>;

/** Writes the log of one attempt; the pool's process and its child may both write. */
export class AttemptLog {
  readonly #store: ArtifactStore;
  readonly #folder: string;
  readonly #token: string;
  readonly #events: LoggedEvent[] = [];
  #seq = 0;

  constructor(options: { readonly store: ArtifactStore; readonly stageKey: string; readonly token: string }) {
    this.#store = options.store;
    this.#folder = callFolder('attempts', options.stageKey);
    this.#token = options.token;
  }

  /** Writes an event, durable when the promise resolves. */
  async append(event: AttemptEvent): Promise<void> {
    const body = { ...event, at: new Date().toISOString() };
    this.#events.push(body);
    while (!(await createRecord(this.#store, sequenceKey(this.#folder, this.#token, ++this.#seq), body)));
  }

  /** What this attempt has logged, the newest events perhaps not yet in the store. */
  get record(): AttemptRecord {
    return { token: this.#token, events: this.#events };
  }
}

/** Starts an attempt's log and numbers the attempt: 1, 2, … over all generations of the call. */
export async function startAttempt(options: {
  readonly store: ArtifactStore;
  readonly stageKey: string;
  readonly token: string;
  readonly worker: string;
}): Promise<{ readonly log: AttemptLog; readonly attempt: number }> {
  const { store, stageKey, token, worker } = options;
  const attempt = (await attemptTokens(store, stageKey)).filter((other) => other !== token).length + 1;
  const log = new AttemptLog({ store, stageKey, token });
  await log.append({ event: 'start', attempt, worker });
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
      const record = await readRecord(store, key, LoggedEvent);
      if (record) events.push(record.body);
    } catch (error) {
      if (!(error instanceof TrainyardError)) throw error;
      const at = new Date(parseToken(token).scheduledMs).toISOString();
      events.push({ event: 'damaged', key, reason: error.what, at });
    }
  }
  return { token, events };
}

/** The logs of all attempts of a stage call, in their order. */
export async function readAttemptLog(store: ArtifactStore, stageKey: string): Promise<AttemptRecord[]> {
  const tokens = await attemptTokens(store, stageKey);
  return Promise.all(tokens.map((token) => readAttempt(store, stageKey, token)));
}

/** Behind the ref of a sealed log. */
export const SealedAttemptLog = z.object({
  version: z.literal(1),
  stageKey: z.string(),
  attempts: z.array(AttemptRecord),
});

/**
 * Stores the log as it stands as one artifact, whose digest goes into history.
 * @param own what the sealing attempt has logged: its last event may still be on its way to the store. @default read back
 */
export async function sealAttemptLog(store: ArtifactStore, stageKey: string, own?: AttemptRecord): Promise<Ref> {
  const attempts: AttemptRecord[] = [];
  for (const token of await attemptTokens(store, stageKey))
    attempts.push(token === own?.token ? own : await readAttempt(store, stageKey, token));
  return putJson(store, { version: 1, stageKey, attempts } satisfies z.input<typeof SealedAttemptLog>);
}

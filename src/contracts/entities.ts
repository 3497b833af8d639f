/** Entities: workflows of Trainyard's own that decide about a name for years. Each change is an Update, each state a head in the store. @module */
import { z } from 'zod';
import { Actor, Claim } from './actors.js';
import { Sha256 } from './refs.js';

/** Name of the Update that carries a {@link ChangeRequest}. */
export const changeUpdate = 'trainyard-change';

/** Failure type of a change that an entity cannot take right now, because it goes on in a new run: ask again with the same id. */
export const askAgain = 'AskAgain';

/** Failure type of a change that the rules refuse. Its first detail is a {@link RefusedChange}. */
export const changeRefused = 'ChangeRefused';
export const RefusedChange = z.object({ code: z.string(), what: z.string(), remedy: z.string().optional() });
export type RefusedChange = z.output<typeof RefusedChange>;

/** A wish to change an entity. */
export const ChangeRequest = z.object({
  /** The same id twice is one change: its second answer is the first one's. */
  id: z.string().min(1).max(100),
  by: Claim,
  reason: z.string().min(1).max(2_000),
  /** Binding of the decision that allows it, where a policy asks for one. */
  decision: Sha256.optional(),
  change: z.json(),
});
export type ChangeRequest = z.output<typeof ChangeRequest>;

/** What a rule may know beside the state and the change. */
export interface ChangeFacts {
  /** ISO 8601; never before that of the change before. */
  readonly at: string;
  /** Of the head that the change becomes. */
  readonly generation: number;
}

/** The rules of an entity: a pure function from state to state, the same in the workflow, on replay and beside an engine. */
export interface EntityContract<State, Change, Result> {
  /** Of its heads; a word like `models`. */
  readonly kind: string;
  /** Stays below 16 KiB as JSON: it travels with every change. */
  readonly state: z.ZodType<State>;
  readonly change: z.ZodType<Change>;
  readonly result: z.ZodType<Result>;
  readonly initial: State;
  /** Changes that only the entity itself makes: asked for from outside, they are refused. @default none */
  isOwn?(change: Change): boolean;
  /** @throws TrainyardError for a change that cannot be. */
  apply(state: State, change: Change, facts: ChangeFacts): { readonly state: State; readonly result: Result };
}

/** A published state of an entity's name: the body of a head. */
export const EntityHead = z.object({
  request: ChangeRequest.omit({ by: true }),
  by: Actor,
  at: z.iso.datetime(),
  /** Digest of the head before: heads are a chain. */
  previous: Sha256.nullable(),
  result: z.json(),
  state: z.json(),
});
export type EntityHead = z.output<typeof EntityHead>;

/** Where an entity stands: its newest head. */
export const Standing = z.object({
  generation: z.int().nonnegative(),
  /** Digest of the head; null before the first. */
  digest: Sha256.nullable(),
  /** Time of the head; null before the first. */
  at: z.iso.datetime().nullable(),
  state: z.json(),
  /** Ids of the last requests with their results, oldest first. */
  recent: z.array(z.tuple([z.string(), z.json()])),
});
export type Standing = z.output<typeof Standing>;

/** Local activity: the {@link Standing} of a name in the store. Undefined where nothing was published. */
export const readStandingActivity = 'trainyard:readStanding';

/** Local activity: publishes changes that were applied, in order, as the generations after `generation`. */
export const publishChangesActivity = 'trainyard:publishChanges';

/** What {@link publishChangesActivity} takes. */
export interface PublishRequest {
  readonly kind: string;
  readonly name: string;
  /** The newest generation so far, and its digest. */
  readonly generation: number;
  readonly digest: string | null;
  readonly changes: readonly {
    readonly request: ChangeRequest;
    readonly at: string;
    readonly result: unknown;
    readonly state: unknown;
  }[];
}

/** What came of it. */
export interface PublishOutcome {
  /** So many of the changes are published, from the first on. */
  readonly published: number;
  /** Digest of the newest of them. */
  readonly digest: string | null;
  /** The one after these is refused by a policy, for this reason. */
  readonly refused?: RefusedChange;
  /** Somebody else has published the generation after these: where the name stands now. */
  readonly overtaken?: Standing;
}

/** Activity on the `pipelines` queue: asks an entity for a change, for a workflow that wants it. */
export const changeActivity = 'trainyard:change';

/** What an entity hands to the run that it continues as, beside the requests that it remembers. */
export type CarriedStanding = Omit<Standing, 'recent'>;

/** Requests that an entity remembers at most, */
const rememberedRequests = 1_000;

/** and bytes of them: they travel in one payload. */
const rememberedBytes = 40 * 1024;

/** The newest of these requests that an entity remembers, oldest first. */
export function remembered(recent: Iterable<readonly [string, unknown]>): Standing['recent'] {
  const kept: Standing['recent'] = [];
  let bytes = 0;
  for (const [id, result] of [...recent].slice(-rememberedRequests).reverse()) {
    const entry = [id, result] as Standing['recent'][number]; // results have been through JSON
    bytes += JSON.stringify(entry).length + 1;
    if (bytes > rememberedBytes) break;
    kept.push(entry);
  }
  return kept.reverse();
}

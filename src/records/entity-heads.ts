/** The heads of entities: published change by change, read as of any time, without Temporal. @module */
import { digestJson } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { type ChangeFacts, type EntityContract, EntityHead, remembered, type Standing } from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';
import { newestGeneration } from './heads.js';
import { headKey } from './layout.js';
import { createRecord, readRecord, signedWords } from './sealed-records.js';
import { type Authorship, authorOf, type Signer, type TrustedKeys } from './signing.js';

/** A published state of an entity's name, typed by its contract. */
export interface EntityState<State, Change, Result> extends Omit<EntityHead, 'state' | 'request' | 'result'> {
  readonly generation: number;
  readonly digest: string;
  readonly author: Authorship;
  readonly request: Omit<EntityHead['request'], 'change'> & { readonly change: Change };
  readonly result: Result;
  readonly state: State;
}

/** Where a name's heads are read, and whose signatures count. */
export interface HeadSource {
  readonly store: ArtifactStore;
  /** @default nobody's: signatures are not checked */
  readonly trusted?: TrustedKeys;
}

const nobody: TrustedKeys = new Map();

/** So many heads are read side by side. */
const readAhead = 32;

/** A request that is repeated is among so many heads. */
const lookedBack = 256;

/** One state of a name; undefined when there is none. Throws TY1301 when it is damaged, TY1310 when its signature is wrong. */
export async function entityHeadAt<State, Change, Result>(
  { store, trusted = nobody }: HeadSource,
  contract: EntityContract<State, Change, Result>,
  name: string,
  generation: number,
): Promise<EntityState<State, Change, Result> | undefined> {
  const key = headKey(contract.kind, name, generation);
  const sealed = await readRecord(store, key, EntityHead);
  if (sealed === undefined) return undefined;
  const { body, sha256, signature } = sealed;
  return {
    ...body,
    generation,
    digest: sha256,
    author: authorOf(signedWords(key, sha256), signature, trusted, `the record ${key}`),
    request: { ...body.request, change: contract.change.parse(body.request.change) },
    result: contract.result.parse(body.result),
    state: contract.state.parse(body.state),
  };
}

/** The state that holds; undefined for a name that was never published. */
export async function latestEntityHead<State, Change, Result>(
  source: HeadSource,
  contract: EntityContract<State, Change, Result>,
  name: string,
): Promise<EntityState<State, Change, Result> | undefined> {
  const generation = await newestGeneration(source.store, contract.kind, name);
  return generation === 0 ? undefined : entityHeadAt(source, contract, name, generation);
}

/** The state that held at a time (ISO 8601), by halving: heads are in the order of time. Undefined before the first. */
export async function entityHeadAsOf<State, Change, Result>(
  source: HeadSource,
  contract: EntityContract<State, Change, Result>,
  name: string,
  time: string,
): Promise<EntityState<State, Change, Result> | undefined> {
  const timeMs = Date.parse(time);
  return lastWhere(source, contract, name, ({ at }) => Date.parse(at) <= timeMs);
}

/**
 * The newest state for which `holds` is true, where it is true up to some generation and false from there on.
 * @param upTo only up to this generation, which there is. @default the newest
 */
export async function lastWhere<State, Change, Result>(
  source: HeadSource,
  contract: EntityContract<State, Change, Result>,
  name: string,
  holds: (head: EntityState<State, Change, Result>) => boolean,
  upTo?: number,
): Promise<EntityState<State, Change, Result> | undefined> {
  let found: EntityState<State, Change, Result> | undefined;
  let low = 0;
  let high = (upTo ?? (await newestGeneration(source.store, contract.kind, name))) + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const head = await entityHeadAt(source, contract, name, middle);
    if (head === undefined) throw gap(contract.kind, name, middle);
    if (holds(head)) [low, found] = [middle, head];
    else high = middle;
  }
  return found;
}

/** All states of a name in order, from a generation on. */
export async function* entityHistory<State, Change, Result>(
  source: HeadSource,
  contract: EntityContract<State, Change, Result>,
  name: string,
  from = 1,
): AsyncGenerator<EntityState<State, Change, Result>, void, undefined> {
  const newest = await newestGeneration(source.store, contract.kind, name);
  for (let start = from; start <= newest; start += readAhead) {
    const count = Math.min(readAhead, newest - start + 1);
    const page = Array.from({ length: count }, (_, at) => entityHeadAt(source, contract, name, start + at));
    for (const [at, head] of (await Promise.all(page)).entries()) {
      if (head === undefined) throw gap(contract.kind, name, start + at);
      yield head;
    }
  }
}

/** Where a name stands, with the requests that it remembers; undefined where nothing was published. */
export async function readStanding(store: ArtifactStore, kind: string, name: string): Promise<Standing | undefined> {
  const generation = await newestGeneration(store, kind, name);
  if (generation === 0) return undefined;
  const recent: [string, unknown][] = [];
  let newest: { readonly body: EntityHead; readonly sha256: string } | undefined;
  for (let at = Math.max(1, generation - lookedBack + 1); at <= generation; at += readAhead) {
    const count = Math.min(readAhead, generation - at + 1);
    const keys = Array.from({ length: count }, (_, next) => headKey(kind, name, at + next));
    for (const sealed of await Promise.all(keys.map((key) => readRecord(store, key, EntityHead)))) {
      if (sealed === undefined) throw gap(kind, name, at);
      recent.push([sealed.body.request.id, sealed.body.result]);
      newest = sealed;
    }
  }
  if (newest === undefined) throw gap(kind, name, generation);
  const { at, state } = newest.body;
  return { generation, digest: newest.sha256, at, state, recent: remembered(recent) };
}

/** Publishes one state and gives its digest; undefined, with nothing changed, when there is one of that generation already. */
export async function createEntityHead(
  store: ArtifactStore,
  place: { readonly kind: string; readonly name: string; readonly generation: number },
  head: EntityHead,
  signer: Signer | undefined,
): Promise<string | undefined> {
  const body = EntityHead.parse(head);
  const created = await createRecord(store, headKey(place.kind, place.name, place.generation), body, signer);
  return created ? digestJson(body) : undefined;
}

/**
 * Changes a name beside an engine, by the same rules: for one process that works alone on a store. A race that is lost is decided anew on what
 * the winner left. Throws what the rules refuse.
 */
export async function changeDirectly<State, Change, Result>(
  store: ArtifactStore,
  contract: EntityContract<State, Change, Result>,
  name: string,
  request: Omit<EntityHead['request'], 'change'> & { readonly change: Change },
  by: EntityHead['by'],
  signer?: Signer,
): Promise<{ readonly generation: number; readonly result: Result; readonly state: State }> {
  for (;;) {
    const standing = await readStanding(store, contract.kind, name);
    const before = standing?.recent.find(([id]) => id === request.id);
    if (standing && before)
      return {
        generation: standing.generation,
        result: contract.result.parse(before[1]),
        state: contract.state.parse(standing.state),
      };
    const generation = (standing?.generation ?? 0) + 1;
    const now = new Date().toISOString();
    const at = standing?.at && standing.at > now ? standing.at : now;
    const facts: ChangeFacts = { at, generation };
    const state = standing ? contract.state.parse(standing.state) : contract.initial;
    const next = contract.apply(state, request.change, facts);
    const head = EntityHead.parse({ request, by, at, previous: standing?.digest ?? null, ...next });
    if (await createEntityHead(store, { kind: contract.kind, name, generation }, head, signer))
      return { generation, ...next };
  }
}

function gap(kind: string, name: string, generation: number): TrainyardError {
  return new TrainyardError('TY1301', `generation ${generation} of ${kind} ${name} is missing among its heads`);
}

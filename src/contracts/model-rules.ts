/** What may be done to a model: pure rules, so that a workflow, its replay and a process without an engine decide alike. @module */
import { canonicalJson } from './canonical-json.js';
import { TrainyardError } from './errors.js';
import type { Alias, ModelChange, ModelResult, ModelState } from './model-registry.js';
import { hasVersion, withVersion } from './version-set.js';

/** So many versions share one pointer to their newest annotation. */
export const noteBlock = 64;

/** Bounds that keep the state below 16 KiB. */
const mostVersions = 20_000;
const mostAliases = 32;
const mostBefore = 16;

/** Bytes of a change: with the state it travels in one payload of at most 64 KiB. */
const mostBytes = 32 * 1024;

interface Applied {
  readonly state: ModelState;
  readonly result: ModelResult;
}

/** @throws TrainyardError TY2101 to TY2106 for a change that cannot be. */
export function applyModelChange(state: ModelState, change: ModelChange, generation: number): Applied {
  switch (change.type) {
    case 'register':
      return register(state, change);
    case 'setAlias':
      return setAlias(state, change, generation);
    case 'removeAlias':
      return removeAlias(state, change.alias);
    case 'rollBack':
      return rollBack(state, change, generation);
    case 'archive':
      return archive(state, change.version);
    case 'annotate':
      return annotate(state, change, generation);
  }
}

/** The block of versions that shares a pointer with this one. */
export function blockOf(version: number): number {
  return Math.floor((version - 1) / noteBlock);
}

function register(state: ModelState, change: Extract<ModelChange, { type: 'register' }>): Applied {
  assertSmall(change);
  const count = change.versions.length;
  if (state.next + count - 1 > mostVersions)
    throw new TrainyardError('TY2106', `a model has at most ${mostVersions} versions`, {
      remedy: 'Register further ones under another name',
    });
  return {
    state: { ...state, next: state.next + count },
    result: { type: 'registered', first: state.next, count },
  };
}

function setAlias(
  state: ModelState,
  { alias, version, from }: Extract<ModelChange, { type: 'setAlias' }>,
  generation: number,
): Applied {
  const held = aliasOf(state, alias);
  assertFrom(alias, held, from);
  assertRegistered(state, version);
  if (hasVersion(state.archived, version))
    throw new TrainyardError('TY2102', `version ${version} is archived and can carry no alias`);
  if (held === undefined && Object.keys(state.aliases).length >= mostAliases)
    throw new TrainyardError('TY2106', `a model has at most ${mostAliases} aliases`, { remedy: 'Remove one first' });
  const before = held === undefined ? [] : held.version === version ? held.before : [...held.before, held.version];
  return point(state, alias, { version, generation, before: before.slice(-mostBefore) });
}

function rollBack(
  state: ModelState,
  { alias, from }: Extract<ModelChange, { type: 'rollBack' }>,
  generation: number,
): Applied {
  const held = aliasOf(state, alias);
  if (held === undefined) throw noAlias(alias);
  assertFrom(alias, held, from);
  const version = held.before.at(-1);
  if (version === undefined)
    throw new TrainyardError('TY2104', `"${alias}" points at version ${held.version} and had none before it`);
  return point(state, alias, { version, generation, before: held.before.slice(0, -1) });
}

function removeAlias(state: ModelState, alias: string): Applied {
  const held = aliasOf(state, alias);
  if (held === undefined) throw noAlias(alias);
  const aliases = Object.fromEntries(Object.entries(state.aliases).filter(([other]) => other !== alias));
  return { state: { ...state, aliases }, result: { type: 'unaliased', alias, before: held.version } };
}

/** An archived version is nowhere to be rolled back to either. */
function archive(state: ModelState, version: number): Applied {
  assertRegistered(state, version);
  const holders = Object.entries(state.aliases).filter(([, held]) => held.version === version);
  if (holders.length > 0)
    throw new TrainyardError('TY2103', `version ${version} is ${holders.map(([alias]) => alias).join(' and ')}`);
  if (hasVersion(state.archived, version)) throw new TrainyardError('TY2102', `version ${version} is archived already`);
  const aliases = Object.fromEntries(
    Object.entries(state.aliases).map(([alias, held]) => [
      alias,
      { ...held, before: held.before.filter((earlier) => earlier !== version) },
    ]),
  );
  return {
    state: { ...state, aliases, archived: withVersion(state.archived, version) },
    result: { type: 'archived', version },
  };
}

function annotate(state: ModelState, change: Extract<ModelChange, { type: 'annotate' }>, generation: number): Applied {
  assertSmall(change);
  assertRegistered(state, change.version);
  const block = blockOf(change.version);
  const notes = [...state.notes];
  while (notes.length <= block) notes.push(0);
  const [before = 0] = notes.splice(block, 1, generation);
  return { state: { ...state, notes }, result: { type: 'annotated', version: change.version, before } };
}

function point(state: ModelState, alias: string, held: Alias): Applied {
  const before = aliasOf(state, alias)?.version ?? null;
  return {
    state: { ...state, aliases: { ...state.aliases, [alias]: held } },
    result: { type: 'aliased', alias, version: held.version, before },
  };
}

function aliasOf(state: ModelState, alias: string): Alias | undefined {
  return Object.hasOwn(state.aliases, alias) ? state.aliases[alias] : undefined;
}

function assertRegistered(state: ModelState, version: number): void {
  if (version >= state.next)
    throw new TrainyardError('TY2101', `there is no version ${version}: the newest is ${state.next - 1}`);
}

function assertFrom(alias: string, held: Alias | undefined, from: number | null | undefined): void {
  if (from === undefined || from === (held?.version ?? null)) return;
  const has = held === undefined ? 'points at no version' : `points at version ${held.version}`;
  throw new TrainyardError('TY2105', `"${alias}" ${has}, not at ${from ?? 'none'} as expected`);
}

function noAlias(alias: string): TrainyardError {
  return new TrainyardError('TY2101', `there is no alias "${alias}"`);
}

function assertSmall(change: ModelChange): void {
  const { byteLength } = new TextEncoder().encode(canonicalJson(change));
  if (byteLength > mostBytes)
    throw new TrainyardError('TY2106', `the change has ${byteLength} bytes, and at most ${mostBytes} are taken`, {
      remedy: 'Register fewer versions at a time; put long texts and tables into the report',
    });
}

/** The registry as its heads tell it: a version, an alias at any time, who changed what. Reads log n heads of n, and no history. @module */
import type { Actor } from '../contracts/actors.js';
import { TrainyardError } from '../contracts/errors.js';
import { type ModelChange, models, type ModelResult, type ModelState } from '../contracts/model-registry.js';
import { blockOf } from '../contracts/model-rules.js';
import { annotated, Annotation, type ModelVersion } from '../contracts/model-version.js';
import { hasVersion } from '../contracts/version-set.js';
import { type KeptDecision, readDecision } from './decisions.js';
import {
  entityHeadAsOf,
  entityHeadAt,
  type EntityState,
  type HeadSource,
  lastWhere,
  latestEntityHead,
} from './entity-heads.js';
import type { Authorship } from './signing.js';

/** A published state of a model. */
export type ModelHead = EntityState<ModelState, ModelChange, ModelResult>;

/** Who changed something, when and why. */
export interface Change {
  readonly generation: number;
  readonly requestId: string;
  readonly at: string;
  readonly by: Actor;
  readonly reason: string;
  /** Binding of the decision that allowed it. */
  readonly decision?: string;
  /** Who signed the head. */
  readonly author: Authorship;
}

/** A version, as it stood at some head. */
export interface RegisteredVersion {
  readonly model: string;
  readonly version: number;
  readonly details: ModelVersion;
  readonly registered: Change;
  /** When something was said of it later. */
  readonly annotations: readonly Change[];
  readonly aliases: readonly string[];
  readonly archived: boolean;
}

/** What an alias pointed at, and by whose word. */
export interface AliasAsOf {
  readonly alias: string;
  readonly asOf: string;
  readonly version: RegisteredVersion;
  /** The change that pointed it there. */
  readonly set: Change;
  /** What allowed it; undefined where no decision was asked for. */
  readonly decision: KeptDecision | undefined;
}

/** What of a head says who made the change. */
export function changeOf({ generation, at, by, request, author }: ModelHead): Change {
  const { id: requestId, reason, decision } = request;
  return { generation, requestId, at, by, reason, author, ...(decision !== undefined && { decision }) };
}

/** Where a model stands, or stood at a time (ISO 8601). Throws TY2101 where there was none. */
export async function modelHead(source: HeadSource, name: string, asOf?: string): Promise<ModelHead> {
  const head =
    asOf === undefined
      ? await latestEntityHead(source, models, name)
      : await entityHeadAsOf(source, models, name, asOf);
  if (head) return head;
  throw new TrainyardError('TY2101', `there is no model ${name}${asOf === undefined ? '' : ` at ${asOf}`}`);
}

/** A version as it stood at a head. Throws TY2101 for one that was not registered by then. */
export async function versionAt(
  source: HeadSource,
  name: string,
  head: ModelHead,
  version: number,
): Promise<RegisteredVersion> {
  const { state } = head;
  const registration = await registrationOf(source, name, version, head.generation);
  if (registration === undefined || version >= state.next)
    throw new TrainyardError('TY2101', `model ${name} has no version ${version}: the newest is ${state.next - 1}`);
  const { head: from, details } = registration;
  const notes = await notesOf(source, name, state, version);
  return {
    model: name,
    version,
    details: annotated(
      details,
      notes.map(({ annotation }) => annotation),
    ),
    registered: changeOf(from),
    annotations: notes.map(({ change }) => change),
    aliases: Object.keys(state.aliases).filter((alias) => state.aliases[alias]?.version === version),
    archived: hasVersion(state.archived, version),
  };
}

/** What an alias pointed at, at a time. Throws TY2101 where it pointed at nothing. */
export async function aliasAsOf(source: HeadSource, name: string, alias: string, time: string): Promise<AliasAsOf> {
  const head = await modelHead(source, name, time);
  const held = Object.hasOwn(head.state.aliases, alias) ? head.state.aliases[alias] : undefined;
  if (held === undefined) throw new TrainyardError('TY2101', `model ${name} had no alias "${alias}" at ${time}`);
  const [version, setting] = await Promise.all([
    versionAt(source, name, head, held.version),
    entityHeadAt(source, models, name, held.generation),
  ]);
  if (setting === undefined)
    throw new TrainyardError('TY1301', `generation ${held.generation} of models ${name} is missing among its heads`);
  const set = changeOf(setting);
  const decision =
    set.decision === undefined
      ? undefined
      : await readDecision(source.store, set.decision, source.trusted ?? new Map());
  return { alias, asOf: time, version, set, decision };
}

/**
 * The head that registered a version, found by halving, because numbers grow with generations.
 * @param upTo a generation that there is, by which it was registered. @default the newest
 */
export async function registrationOf(
  source: HeadSource,
  name: string,
  version: number,
  upTo?: number,
): Promise<{ readonly head: ModelHead; readonly details: ModelVersion } | undefined> {
  const before = await lastWhere(source, models, name, ({ state }) => state.next <= version, upTo);
  const head = await entityHeadAt(source, models, name, (before?.generation ?? 0) + 1);
  if (head?.request.change.type !== 'register' || head.result.type !== 'registered') return undefined;
  const details = head.request.change.versions[version - head.result.first];
  return details && { head, details };
}

/** What was said of a version by then, oldest first: along the annotations of its block, each of which names the one before. */
async function notesOf(source: HeadSource, name: string, state: ModelState, version: number) {
  const notes: { readonly annotation: Annotation; readonly change: Change }[] = [];
  let generation = state.notes[blockOf(version)] ?? 0;
  while (generation > 0) {
    const head = await entityHeadAt(source, models, name, generation);
    if (head?.request.change.type !== 'annotate' || head.result.type !== 'annotated')
      throw new TrainyardError(
        'TY1301',
        `generation ${generation} of models ${name} is not the annotation that it should be`,
      );
    const { change } = head.request;
    if (change.version === version) notes.unshift({ annotation: Annotation.parse(change), change: changeOf(head) });
    generation = head.result.before;
  }
  return notes;
}

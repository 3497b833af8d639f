/** The registry of a model: its versions, the aliases that point at them, and what may be changed. @module */
import { z } from 'zod';
import type { EntityContract } from './entities.js';
import { applyModelChange } from './model-rules.js';
import { Annotation, ModelVersion } from './model-version.js';

/** Of a model. */
export const ModelName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'letters, digits, "-" and "_", a letter first, at most 63');

/** A number of a version: from 1 on, never used again. */
export const VersionNumber = z.int().positive();

/** `champion`, `challenger`, any. */
export const AliasName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/, 'letters, digits, "-" and "_", a letter first, at most 40');

/** Refused unless the alias has this version, or none, at that moment. @default whatever it has */
const from = VersionNumber.nullable().optional();

/** A change to a model. */
export const ModelChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('register'), versions: z.array(ModelVersion).min(1).max(100) }),
  z.object({ type: z.literal('setAlias'), alias: AliasName, version: VersionNumber, from }),
  z.object({ type: z.literal('removeAlias'), alias: AliasName }),
  /** Gives the alias the version that it had before. */
  z.object({ type: z.literal('rollBack'), alias: AliasName, from }),
  z.object({ type: z.literal('archive'), version: VersionNumber }),
  Annotation.extend({ type: z.literal('annotate'), version: VersionNumber }),
]);
export type ModelChange = z.output<typeof ModelChange>;

/** What a change came to. */
export const ModelResult = z.discriminatedUnion('type', [
  z.object({ type: z.literal('registered'), first: VersionNumber, count: z.int().positive() }),
  z.object({ type: z.literal('aliased'), alias: AliasName, version: VersionNumber, before: VersionNumber.nullable() }),
  z.object({ type: z.literal('unaliased'), alias: AliasName, before: VersionNumber }),
  z.object({ type: z.literal('archived'), version: VersionNumber }),
  /** `before`: generation of the annotation before it in the same block of versions; 0 for the first. */
  z.object({ type: z.literal('annotated'), version: VersionNumber, before: z.int().nonnegative() }),
]);
export type ModelResult = z.output<typeof ModelResult>;

/** What a change of a type comes to. */
export type ModelResultOf<Type extends ModelChange['type']> = Extract<
  ModelResult,
  { type: (typeof resultTypes)[Type] }
>;

const resultTypes = {
  register: 'registered',
  setAlias: 'aliased',
  removeAlias: 'unaliased',
  rollBack: 'aliased',
  archive: 'archived',
  annotate: 'annotated',
} as const satisfies Record<ModelChange['type'], ModelResult['type']>;

/** A change of a type, not yet checked. */
export type NewModelChange<Type extends ModelChange['type']> = Extract<z.input<typeof ModelChange>, { type: Type }>;

/** An alias: what it points at, since which change, and what it pointed at before, oldest first. */
export const Alias = z.object({
  version: VersionNumber,
  generation: z.int().positive(),
  before: z.array(VersionNumber),
});
export type Alias = z.output<typeof Alias>;

/** What travels with each change: what a version is stands in the head that registered it. */
export const ModelState = z.object({
  /** Number of the next version. */
  next: VersionNumber,
  aliases: z.record(z.string(), Alias),
  /** A set of versions: see version-set.ts. */
  archived: z.string().regex(/^[0-9a-f]*$/),
  /** Generation of the newest annotation in each block of versions; 0 for none. */
  notes: z.array(z.int().nonnegative()),
});
export type ModelState = z.output<typeof ModelState>;

/** The entity of a model. */
export const models: EntityContract<ModelState, ModelChange, ModelResult> = {
  kind: 'models',
  state: ModelState,
  change: ModelChange,
  result: ModelResult,
  initial: { next: 1, aliases: {}, archived: '', notes: [] },
  apply: (state, change, { generation }) => applyModelChange(state, change, generation),
};

/** The result of a change, by its type. */
export function resultOf<Type extends ModelChange['type']>(type: Type, result: ModelResult): ModelResultOf<Type> {
  if (result.type !== resultTypes[type]) throw new TypeError(`a change ${type} came to ${result.type}`);
  return result as ModelResultOf<Type>; // its type was compared
}

/** Whether a decision was made about a model: its evidence names the digest, anywhere. */
export function namesDigest(evidence: unknown, sha256: string): boolean {
  if (typeof evidence === 'string') return evidence.includes(sha256);
  return typeof evidence === 'object' && evidence !== null
    ? Object.values(evidence).some((inner) => namesDigest(inner, sha256))
    : false;
}

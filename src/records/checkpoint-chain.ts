/** The recorded chain of checkpoints: what an attempt may resume from, newest first. The newest file alone decides nothing. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { Ref, Sha256 } from '../contracts/refs.js';
import { baseKey, parseRecordKey, sequenceKey } from './layout.js';
import { readRecord, unreadable } from './sealed-records.js';

/** Names one checkpoint: the key of its manifest, and the digest of the manifest's body. */
export const CheckpointPointer = z.object({ key: z.string(), sha256: Sha256 });
export type CheckpointPointer = z.output<typeof CheckpointPointer>;

/** Behind `<seq:9>.json`: published last, after every file that it names is durable. */
export const CheckpointManifest = z.object({
  version: z.literal(1),
  stageKey: z.string(),
  token: z.string(),
  attempt: z.int().positive(),
  seq: z.int().positive(),
  /** How many checkpoints lead to it, itself included, whether they still lie there or not; absent in old ones. */
  ordinal: z.int().positive().optional(),
  /** As the stage's contract describes it: position in the data order, random state and all. */
  state: z.json(),
  /** Version of that state in the contract; absent: 1. */
  checkpointVersion: z.int().positive().optional(),
  files: z.record(z.string(), Ref),
  numerics: z.record(z.string(), z.json()),
  /** Last step with metrics when it was saved; absent when there was none yet. */
  step: z.number().optional(),
  /** The checkpoint before it: of the same attempt, or the one that the attempt resumed from. */
  parent: CheckpointPointer.nullable(),
  savedAt: z.iso.datetime(),
});
export type CheckpointManifest = z.output<typeof CheckpointManifest>;

/** Behind `base.json`: what an attempt resumes from, recorded before any work. */
export const CheckpointBase = z.object({
  version: z.literal(1),
  attempt: z.int().positive(),
  checkpoint: CheckpointPointer.nullable(),
  /** Step of that checkpoint: later points of earlier attempts are superseded. */
  step: z.number().optional(),
});
export type CheckpointBase = z.output<typeof CheckpointBase>;

/** What lies in the folder of one attempt's checkpoints. */
export interface CheckpointFolder {
  readonly token: string;
  hasBase: boolean;
  /** Ascending. */
  readonly seqs: number[];
}

/** Told of every record and checkpoint that cannot be used. */
export type ReportDamage = (key: string, reason: string) => Promise<void>;

/** The attempts with checkpoints or a base in a call's folder, ascending by token. */
export async function checkpointFolders(store: ArtifactStore, folder: string): Promise<CheckpointFolder[]> {
  const folders: CheckpointFolder[] = [];
  for await (const key of store.list(folder)) {
    const parsed = parseRecordKey(key);
    if (!parsed) continue;
    let last = folders.at(-1);
    if (last?.token !== parsed.token) folders.push((last = { token: parsed.token, hasBase: false, seqs: [] }));
    if (parsed.seq === undefined) last.hasBase = true;
    else last.seqs.push(parsed.seq);
  }
  return folders;
}

/** A checkpoint that may be resumed from. */
export interface ChainLink {
  readonly key: string;
  /** Known when a base names it. */
  readonly sha256?: string;
  /** How many were saved after it on the chain, whether they still lie there or not. */
  readonly back: number;
}

/**
 * The checkpoints on the chain, newest first: those of the attempt with the greatest token (below `below`) that recorded a
 * base; then the very one that its base names; then those before that one, and so on. What a zombie published after its
 * successor recorded a base is not among them. An attempt whose base is damaged is passed over after its own checkpoints. One that
 * only earlier attempts chose may have been removed since, and is left out.
 */
export async function* checkpointChain(
  store: ArtifactStore,
  folder: string,
  options: { readonly below?: string; readonly report: ReportDamage },
): AsyncGenerator<ChainLink, void, undefined> {
  const newest = await newestAttempt(store, folder, options.below);
  let place: Place | undefined = newest;
  let back = 0;
  while (place !== undefined) {
    const { folder: inFolder, token, named }: Place = place;
    const seqs = (await checkpointFolders(store, inFolder)).find((attempt) => attempt.token === token)?.seqs ?? [];
    const top: number = named?.seq ?? seqs.at(-1) ?? 0;
    if (named && (named.byNewest || seqs.includes(top))) yield { ...named.pointer, back };
    for (const seq of seqs.filter((one) => one < top || (one === top && !named)).reverse())
      yield { key: sequenceKey(inFolder, token, seq), back: back + top - seq };
    back += top;
    const base = await readBase(store, baseKey(inFolder, token), options.report);
    place = base ? placeOf(base.checkpoint, token === newest?.token) : await newestAttempt(store, inFolder, token);
  }
}

/** Reads what an attempt resumed from; undefined, and reported, when it is damaged; undefined when there is none. */
export async function readBase(
  store: ArtifactStore,
  key: string,
  report: ReportDamage,
): Promise<CheckpointBase | undefined> {
  try {
    return (await readRecord(store, key, CheckpointBase))?.body;
  } catch (error) {
    await reportUnusable(error, key, report);
    return undefined;
  }
}

/** Reads a manifest and every file that it names; throws TY1201, TY1202 or TY1301 unless all of it is as it was saved. */
export async function readCheckpoint(
  store: ArtifactStore,
  link: ChainLink,
): Promise<{ readonly manifest: CheckpointManifest; readonly pointer: CheckpointPointer }> {
  const record = await readRecord(store, link.key, CheckpointManifest);
  if (record === undefined) throw unreadable(link.key, 'it is gone');
  if (link.sha256 !== undefined && link.sha256 !== record.sha256)
    throw unreadable(link.key, `it has the digest ${record.sha256}; ${link.sha256} was chosen`);
  for (const ref of Object.values(record.body.files)) await store.materialise(ref);
  return { manifest: record.body, pointer: { key: link.key, sha256: record.sha256 } };
}

/** Reports an error that means damage; rethrows any other, such as a store that cannot be reached: the chain is still good. */
export async function reportUnusable(error: unknown, key: string, report: ReportDamage): Promise<void> {
  const damage = error instanceof TrainyardError && ['TY1201', 'TY1202', 'TY1301'].includes(error.code);
  if (!damage) throw error;
  await report(key, error.what);
}

/** Where the chain goes on: with the checkpoints of an attempt, from the one that the attempt after it resumed from. */
interface Place {
  readonly folder: string;
  readonly token: string;
  /** Undefined: all of them. */
  readonly named?: { readonly pointer: CheckpointPointer; readonly seq: number; readonly byNewest: boolean };
}

async function newestAttempt(store: ArtifactStore, folder: string, below?: string): Promise<Place | undefined> {
  const attempts = await checkpointFolders(store, folder);
  const newest = attempts.findLast(({ token, hasBase }) => hasBase && (below === undefined || token < below));
  return newest && { folder, token: newest.token };
}

function placeOf(pointer: CheckpointPointer | null, byNewest: boolean): Place | undefined {
  const parsed = pointer ? parseRecordKey(pointer.key) : undefined;
  if (!pointer || parsed?.seq === undefined) return undefined;
  return { folder: parsed.folder, token: parsed.token, named: { pointer, seq: parsed.seq, byNewest } };
}

/** The checkpoints of one attempt: what it resumes from, chosen once by the recorded chain, and what it publishes. @module */
import { digestJson } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import type { CheckpointsKept } from '../contracts/define-stage.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { Json } from '../contracts/json-schema.js';
import type { Ref } from '../contracts/refs.js';
import {
  checkpointFolders,
  type CheckpointBase,
  type CheckpointManifest,
  type CheckpointPointer,
} from './checkpoint-chain.js';
import { removeSurplus } from './checkpoint-retention.js';
import { type ChoiceOptions, chooseCheckpoint, type GoodCheckpoint } from './choose-checkpoint.js';
import { baseKey, callFolder, sequenceKey } from './layout.js';
import { lastStep } from './metrics-segments.js';
import { createRecord } from './sealed-records.js';

/** What an attempt's checkpoints are opened with. */
export interface CheckpointOptions<State> extends ChoiceOptions<State> {
  /** Number of the attempt, over all generations of the call. */
  readonly attempt: number;
  /** Which checkpoints stay once newer ones are there. @default all */
  readonly keep?: CheckpointsKept;
  /** Points up to a checkpoint's step are published before it, so that a resumed curve has no gap. */
  readonly metrics?: { readonly lastStep: number | undefined; flush(): Promise<void> };
}

/** The checkpoint that an attempt resumes from, verified. */
export interface ChosenCheckpoint<State> {
  readonly key: string;
  readonly state: State;
  readonly seq: number;
  /** The attempt that saved it; of another call when it was inherited. */
  readonly attempt: number;
  /** Last step with metrics when it was saved. */
  readonly step: number | undefined;
  /** As it was saved. */
  readonly numerics: CheckpointManifest['numerics'];
  /** Names of its files. */
  readonly files: readonly string[];
  /** Local path of a file by its name: verified bytes, read-only. Throws TY1305 for a name that it lacks. */
  file(name: string): Promise<string>;
}

/**
 * Chooses what the attempt resumes from and records it, create-only, before any work.
 * @throws TrainyardError TY1302 when a later attempt is there: this one is the zombie, and must stop; TY1306 and TY1307 like
 *   {@link chooseCheckpoint}.
 */
export async function openCheckpoints<State>(options: CheckpointOptions<State>): Promise<Checkpoints<State>> {
  const { store, stageKey, token, attempt } = options;
  const folder = callFolder('checkpoints', stageKey);
  const { chosen, passedOver } = await chooseCheckpoint(options);
  const checkpoint = chosen?.pointer ?? null;
  const step = chosen?.manifest.step;
  const base: CheckpointBase = { version: 1, attempt, checkpoint, step };
  const recorded = await createRecord(store, baseKey(folder, token), base);
  const bases = (await checkpointFolders(store, folder)).filter(({ hasBase }) => hasBase);
  if (!recorded || bases.at(-1)?.token !== token) throw superseded(stageKey, token);
  const before = bases.at(-2);
  await options.log.append({
    event: 'base',
    checkpoint: checkpoint?.key ?? null,
    fromAttempt: chosen?.manifest.attempt,
    ...(passedOver > 0 ? { passedOver } : {}),
    step,
    reached: before && (await lastStep(store, stageKey, before.token)),
  });
  return new Checkpoints(options, folder, chosen);
}

/** Where an attempt finds the checkpoint that it resumes from, and saves its own. */
export class Checkpoints<State> {
  /** Undefined: from the beginning. Fixed when the attempt starts. */
  readonly base: ChosenCheckpoint<State> | undefined;
  readonly #options: CheckpointOptions<State>;
  readonly #folder: string;
  /** Of the checkpoint that it resumed from; 0 for none. */
  readonly #baseOrdinal: number;
  #parent: CheckpointPointer | null;
  #seq = 0;
  /** One save at a time, in the order of the calls. */
  #last: Promise<unknown> = Promise.resolve();
  #tidied: Promise<void> = Promise.resolve();

  constructor(options: CheckpointOptions<State>, folder: string, chosen: GoodCheckpoint<State> | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.base = chosen && describe(options.store, chosen);
    this.#baseOrdinal = chosen ? (chosen.manifest.ordinal ?? chosen.manifest.seq) : 0;
    this.#parent = chosen?.pointer ?? null;
  }

  /** The same as {@link base}. */
  latest(): Promise<ChosenCheckpoint<State> | undefined> {
    return Promise.resolve(this.base);
  }

  /**
   * Publishes a checkpoint: its files first, its manifest last; durable when the promise resolves, with its key. `numerics` is
   * what bit-identity depends on: where the first ones differ from those of the base, the log says so.
   * @throws TrainyardError TY1304 for a state that is not as the contract says, TY1302 when another process uses the token.
   */
  async save(
    state: State,
    files: Readonly<Record<string, Uint8Array | { readonly path: string }>> = {},
    numerics: Readonly<Record<string, Json>> = {},
  ): Promise<string> {
    const valid = this.#validated(state);
    const step = this.#options.metrics?.lastStep ?? this.base?.step;
    const saved = this.#last.then(() => this.#publish(valid, files, numerics, step));
    this.#last = saved.catch(() => undefined);
    return await saved;
  }

  async #publish(
    state: CheckpointManifest['state'],
    files: Readonly<Record<string, Uint8Array | { readonly path: string }>>,
    numerics: Readonly<Record<string, Json>>,
    step: number | undefined,
  ): Promise<string> {
    const { store, stageKey, token, attempt, checkpointVersion, log, metrics } = this.#options;
    await metrics?.flush();
    const refs: Record<string, Ref> = {};
    for (const [name, file] of Object.entries(files)) refs[name] = await store.put(file);
    const seq = this.#seq + 1;
    const changed = seq === 1 && this.base ? changes(this.base.numerics, numerics) : [];
    if (changed.length > 0) await log.append({ event: 'numerics', changed });
    const savedAt = new Date().toISOString();
    const manifest = {
      version: 1,
      stageKey,
      token,
      attempt,
      seq,
      ordinal: this.#baseOrdinal + seq,
      state,
      checkpointVersion,
      files: refs,
      numerics,
      step,
      parent: this.#parent,
      savedAt,
    };
    const key = sequenceKey(this.#folder, token, seq);
    if (!(await createRecord(store, key, manifest))) throw superseded(stageKey, token);
    this.#seq = seq;
    this.#parent = { key, sha256: digestJson(manifest) };
    this.#tidySoon();
    return key;
  }

  /** In the background: what could not be removed is found again after the next checkpoint. */
  #tidySoon(): void {
    const { store, stageKey, token, keep } = this.#options;
    const baseOrdinal = this.#baseOrdinal;
    if (keep === undefined || baseOrdinal + this.#seq <= keep.last) return;
    this.#tidied = this.#tidied
      .then(() => removeSurplus(store, { stageKey, token, keep, baseOrdinal }))
      .catch(() => undefined);
  }

  #validated(state: State): CheckpointManifest['state'] {
    try {
      // A copy, taken now: training goes on changing its state while this one is written.
      return JSON.parse(canonicalJson(this.#options.state.parse(state))) as CheckpointManifest['state'];
    } catch (cause) {
      throw new TrainyardError(
        'TY1304',
        `the state of a checkpoint of ${this.#options.stageKey} is not valid: ${messageOf(cause)}`,
        { cause },
      );
    }
  }
}

function describe<State>(
  store: ArtifactStore,
  { manifest, pointer, state }: GoodCheckpoint<State>,
): ChosenCheckpoint<State> {
  return {
    key: pointer.key,
    state,
    seq: manifest.seq,
    attempt: manifest.attempt,
    step: manifest.step,
    numerics: manifest.numerics,
    files: Object.keys(manifest.files),
    file: async (name) => {
      const ref = manifest.files[name];
      const names = Object.keys(manifest.files).join(', ');
      if (ref === undefined)
        throw new TrainyardError('TY1305', `checkpoint ${pointer.key} has no file "${name}", it has: ${names}`);
      return store.materialise(ref);
    },
  };
}

function changes(before: CheckpointManifest['numerics'], now: Readonly<Record<string, Json>>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.filter((name) => canonicalJson(before[name] ?? null) !== canonicalJson(now[name] ?? null));
}

function superseded(stageKey: string, token: string): TrainyardError {
  return new TrainyardError('TY1302', `attempt ${token} of ${stageKey} is not the newest one any more`);
}

/** What stage code is given, the same in a worker and in a child process. @module */
import type { Logger } from 'pino';
import type { ArtifactStore, Source } from '../artifacts/store.js';
import type { Ref } from '../contracts/refs.js';
import type { CheckpointManifest } from '../records/checkpoint-chain.js';
import type { DataAccess } from '../data/data-access.js';
import type { EntityAccess } from './entity-access.js';

/** Which run, stage and logical call an attempt belongs to. */
export interface RunInfo {
  readonly workflowId: string;
  readonly runId: string;
  readonly stage: string;
  /** The stage key: the same for every attempt of one logical call. */
  readonly call: string;
  /** Grows from attempt to attempt of one call: an effect outside the store carries it and yields to a greater one. */
  readonly token: string;
}

/** A checkpoint that was found and verified. */
export interface LatestCheckpoint<State> {
  readonly state: State;
  /** Sequence number within its attempt, from 1. */
  readonly seq: number;
  /** Attempt (1, 2, …) of the logical call that saved it. */
  readonly attempt: number;
  /** As it was saved; empty where nothing was said. */
  readonly numerics: Numerics;
  /** Names of its files. */
  readonly files: readonly string[];
  /** Local path of a file of the checkpoint, by the name it was saved under; verified bytes, read-only. */
  file(name: string): Promise<string>;
}

/** Checkpoints of this logical call: what earlier attempts saved, and where this one saves. */
export interface CheckpointAccess<State> {
  /** The newest good checkpoint on this attempt's chain; undefined when there is none. Fixed when the attempt starts. */
  latest(): Promise<LatestCheckpoint<State> | undefined>;
  /**
   * Takes a snapshot and resolves; what was passed may change from then on. The snapshot is published behind the stage's code. One is on
   * its way at a time: a save waits until the one before is durable, and throws what went wrong with it.
   */
  save(state: State, files?: CheckpointFiles, options?: SaveOptions): Promise<void>;
  /** Whether a snapshot is on its way: a save would wait for it. */
  readonly pending: boolean;
  /** Resolves when all that was saved is durable; throws what went wrong. The end of an attempt, a stop included, waits by itself. */
  flush(): Promise<void>;
}

/** Files of a checkpoint by name: bytes, pieces of them in order, or the path of a file that is done. */
export type CheckpointFiles = Readonly<Record<string, Uint8Array | readonly Uint8Array[] | { readonly path: string }>>;

/** What the bit-identity of a state depends on: runtime version, threads, optimisation level … */
export type Numerics = Readonly<CheckpointManifest['numerics']>;

/** What a checkpoint carries beside its state and files. */
export interface SaveOptions {
  /** A resume on different numerics is told, not refused. */
  readonly numerics?: Numerics;
  /** Resolve when the checkpoint is durable, not when its snapshot is taken. @default false */
  readonly durable?: boolean;
}

/** Experiment tracking: what a run leaves to look at. */
export interface Track {
  /** Constants of the attempt: learning rate, seed, rows. */
  params(values: Readonly<Record<string, string | number | boolean>>): void;
  /** Points of curves; visible to readers within 2 seconds. */
  metrics(values: Readonly<Record<string, number>>, at: { readonly step: number }): void;
  /** A figure as SVG or PNG bytes, or a Vega-Lite specification as JSON. */
  figure(name: string, figure: Uint8Array | Readonly<Record<string, unknown>>): Promise<Ref>;
  artifact(name: string, source: Source): Promise<Ref>;
  note(text: string): void;
}

/** Typed put and get beside the plain store. */
export interface ArtifactAccess {
  readonly store: ArtifactStore;
  put(source: Source): Promise<Ref>;
  putJson(value: unknown): Promise<Ref>;
  json(ref: Ref): Promise<unknown>;
}

/** What a handler (`implementStage(…).with`) or a trainer (`defineTrainer`) is given. */
export interface StageContext<Input, State = never, Secret extends string = string> {
  readonly input: Input;
  readonly checkpoints: CheckpointAccess<State>;
  readonly artifacts: ArtifactAccess;
  readonly data: DataAccess;
  /** Changes endpoints and other names. A trainer, which runs in a process of its own, cannot. */
  readonly entities: EntityAccess;
  readonly track: Track;
  /** Progress resets the stall clock and is what `status` and the live view show. */
  readonly progress: (done: number, total: number | undefined, unit: string) => void;
  /** Values of the secrets that the contract names. */
  readonly secrets: Readonly<Record<Secret, string>>;
  /** Aborted when the attempt is to stop: cancelled, drained, or superseded. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** A number in 0 … 2^32 − 1 drawn from the stage key: the same for every attempt. */
  readonly seed: number;
  /** A folder of this attempt alone, deleted when it ends. */
  readonly scratch: string;
  /** Indices of the GPUs that this attempt may use; empty on CPU. */
  readonly devices: readonly number[];
  /** 1, 2, …: attempts of this logical call, over all generations. */
  readonly attempt: number;
  readonly run: RunInfo;
}

/** Builds the context of an attempt: the same in the worker, for a handler, and in a child process, for a trainer. @module */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { putJson, readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { BackgroundCheckpoints, type DurableCheckpoints } from './background-checkpoints.js';
import { type EntityAccess, refusingEntities } from './entity-access.js';
import { lazyDataAccess } from './lazy-data-access.js';
import type { AttemptReports } from './reports.js';
import type { RunInfo, StageContext } from './stage-context.js';
import { createTrack } from './track.js';

/** What an attempt is made of. */
export interface ContextParts {
  readonly input: unknown;
  readonly store: ArtifactStore;
  /** @default refuses */
  readonly entities?: EntityAccess;
  readonly checkpoints: DurableCheckpoints;
  readonly reports: AttemptReports;
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Read only when it is wanted: it may be made by that. */
  readonly scratch: string;
  readonly devices: readonly number[];
  readonly attempt: number;
  readonly run: RunInfo;
}

/** The context that stage code is given; the caller has checked the input against the contract. */
export function buildContext(parts: ContextParts): StageContext<unknown, unknown> {
  const { input, store, reports, secrets, signal, log, devices, attempt, run } = parts;
  return {
    input,
    checkpoints: new BackgroundCheckpoints(parts.checkpoints, () => parts.scratch),
    artifacts: {
      store,
      put: (source) => store.put(source),
      putJson: (value) => putJson(store, value),
      json: (ref) => readJson(store, ref, z.unknown()),
    },
    data: lazyDataAccess(parts),
    entities: parts.entities ?? refusingEntities,
    track: createTrack(store, reports),
    progress: (done, total, unit) => {
      reports.progress(done, total, unit);
    },
    secrets,
    signal,
    log,
    get seed() {
      return seedOf(run.call);
    },
    get scratch() {
      return parts.scratch;
    },
    devices,
    attempt,
    run,
  };
}

/** The seed of a stage call, 0 … 2^32 − 1: the first four bytes, big-endian, of the sha256 of its stage key. */
export function seedOf(stageKey: string): number {
  return createHash('sha256').update(stageKey).digest().readUInt32BE(0);
}

/** What travels between a pipeline and an attempt beside the stage's own input and output. @module */
import { z } from 'zod';
import { Limits } from './budget.js';
import { Ref } from './refs.js';

/** Which logical call of a stage an activity belongs to; see ARCHITECTURE.md, "Identity of a stage call". */
export const StageCall = z.object({
  /** `<workflowId>/<stage>-<uuid4>`: the same for every attempt and generation of one logical call. */
  stageKey: z.string(),
  /** How often the outer loop has scheduled this call anew. */
  generation: z.int().nonnegative(),
  /** Stage key of an earlier call whose checkpoints this one inherits, when told. */
  resumeFrom: z.string().optional(),
  /** The first attempt of the generation passes over so many of the newest good checkpoints. @default 0 */
  rollBack: z.int().nonnegative().optional(),
  /** Why this generation is different from the one before, and in what: `OutOfMemory: batch 128 → 64`. */
  adaptation: z.string().optional(),
  /** What the run may spend, and with which others it shares that. */
  budget: z.object({ scope: z.string(), limits: Limits }).optional(),
  /** Which item of which map of the run this is. */
  mapped: z.object({ map: z.string(), index: z.int().nonnegative(), total: z.int().positive() }).optional(),
  /** The project that the run belongs to. */
  project: z.string(),
  /** No progress for this long fails an attempt; milliseconds. */
  stallMs: z.int().positive(),
});
export type StageCall = z.output<typeof StageCall>;

/**
 * The log of all attempts of a call that has ended: in the store, by its digest; where there was one attempt, and a short one, the log
 * itself, which is no longer than a ref.
 */
export const SealedLog = z.union([Ref, z.object({ attempts: z.array(z.unknown()) })]);
export type SealedLog = z.output<typeof SealedLog>;

/** The call that made a result which another one uses again. */
export const CacheSource = z.object({ workflowId: z.string(), runId: z.string(), stageKey: z.string() });
export type CacheSource = z.output<typeof CacheSource>;

/** What a stage's activity returns: the output, how many attempts it took, and their log; `cached` where it was not run, but taken from there. */
export const StageEnvelope = z.object({
  output: z.unknown(),
  attempts: z.int().positive(),
  log: SealedLog,
  cached: CacheSource.optional(),
});
export type StageEnvelope = z.output<typeof StageEnvelope>;

/** The first detail of every failure of a stage's activity. */
export const FailureDetails = z.object({
  stage: z.string(),
  attempts: z.int().nonnegative(),
  /** What showed the class: exit code, signal, cgroup event, path and value. */
  evidence: z.record(z.string(), z.json()),
  /** Absent when the store could not be reached any more. */
  log: SealedLog.optional(),
});
export type FailureDetails = z.output<typeof FailureDetails>;

/** What a heartbeat carries: a hint for people, never the record. */
export const Progress = z.object({
  done: z.number(),
  total: z.number().optional(),
  unit: z.string(),
  /** Newest checkpoint's store key. */
  checkpoint: z.string().optional(),
  /** A short phrase: `drained`, `resumed at step 1200`. */
  note: z.string().optional(),
});
export type Progress = z.output<typeof Progress>;

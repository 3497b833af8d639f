/** What a run is doing, as `run.status()` tells it. @module */
import type { OpenApproval } from '../contracts/approvals.js';
import type { RunBudget } from '../contracts/budget.js';
import type { CacheSource, Progress, SealedLog } from '../contracts/envelope.js';

/** One call of a stage. */
export interface StageStatus {
  readonly stage: string;
  /** 0 for the first call of this stage in the run, 1 for the second … */
  readonly call: number;
  readonly stageKey: string | undefined;
  /** Temporal's id of the call's newest activity. */
  readonly activityId: string;
  readonly pool: string;
  /** `paused`: by Temporal's own activity pause; it goes on where it was once it is unpaused. */
  readonly state: 'waiting' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
  readonly scheduledAt: Date;
  readonly startedAt: Date | undefined;
  readonly closedAt: Date | undefined;
  /** Since when the attempt to come waits for a worker; undefined unless `state` is `waiting`. */
  readonly waitingSince: Date | undefined;
  /** The attempt that runs, or all that there were. */
  readonly attempts: number;
  /** The log of all attempts, once the call has completed: history vouches for it. */
  readonly log: SealedLog | undefined;
  /** The call whose result was used again; undefined for a call that was made. */
  readonly cached: CacheSource | undefined;
  /** The newest heartbeat: a hint. */
  readonly progress: Progress | undefined;
  /** Why the last attempt failed; with state `failed`, why the stage did. */
  readonly failure: string | undefined;
  /** Identity of the worker of the newest attempt. */
  readonly worker: string | undefined;
}

/** A run that may not go on yet: its tenant has as many runs as it may. */
export interface WaitingForPlace {
  readonly tenant: string;
  readonly maxRuns: number;
  /** Runs whose turn comes first. */
  readonly ahead: number;
  /** There are more ahead than are counted. */
  readonly orMore: boolean;
}

/** A run as a whole. */
export interface RunStatus {
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly state: 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed out' | 'continued as new';
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
  /** 1 goes first, 5 last. */
  readonly priority: number;
  readonly tenant: string | undefined;
  /** Undefined unless it waits for a place of its tenant. */
  readonly place: WaitingForPlace | undefined;
  readonly stages: readonly StageStatus[];
  readonly approvals: readonly OpenApproval[];
  /** What the run may spend; undefined without a budget. `exhausted`: its stages wait for a raise. */
  readonly budget: RunBudget | undefined;
  /** Since when the pipeline's own code waits for a worker; undefined while it need not run. */
  readonly waitingSince: Date | undefined;
  /** Pipeline code that Temporal cannot run: a bug, retried until it is mended. */
  readonly problem: string | undefined;
}

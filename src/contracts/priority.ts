/** Who goes first: the priority of a run and whose share it counts against. Temporal's own, by our words. @module */
import { TrainyardError } from './errors.js';
import { assertName } from './names.js';

/** 1 goes first, 5 last; what says nothing has 3. */
export type PriorityLevel = 1 | 2 | 3 | 4 | 5;

/** The priority of what says nothing: Temporal's middle of 1 to 5. */
export const defaultPriority: PriorityLevel = 3;

/** How a run stands among others that wait for the same workers. */
export interface RunPriority {
  /** Stages of a lower number are handed out first. @default the pipeline's, else 3 */
  readonly priority?: PriorityLevel;
  /** Whose run it is: shown, counted against the tenant's `maxRuns`, and the fairness key unless one is given. */
  readonly tenant?: string;
  /** Among equal priorities, stages are handed out in turn between keys; at most 64 bytes. @default the tenant */
  readonly fairnessKey?: string;
  /** The key's share against that of others, 0.001 to 1000. @default 1 */
  readonly fairnessWeight?: number;
}

/** The fields of Temporal's `Priority` that are set. */
export interface TemporalPriority {
  readonly priorityKey?: PriorityLevel;
  readonly fairnessKey?: string;
  readonly fairnessWeight?: number;
}

/** Temporal's priority of a run; undefined where nothing is said. Throws TY1008 for a value that Temporal would refuse or bend. */
export function temporalPriority(run: RunPriority): TemporalPriority | undefined {
  const { priority, tenant, fairnessKey = tenant, fairnessWeight } = run;
  if (tenant !== undefined) assertName('tenant', tenant);
  if (priority !== undefined) assertPriority(priority);
  // The sandbox has no Buffer; a character takes up to four bytes.
  if (fairnessKey !== undefined && new TextEncoder().encode(fairnessKey).length > 64)
    throw new TrainyardError('TY1008', `the fairness key "${fairnessKey}" is longer than 64 bytes`);
  if (fairnessWeight !== undefined && !(fairnessWeight >= 0.001 && fairnessWeight <= 1_000))
    throw new TrainyardError('TY1008', `a fairness weight of ${fairnessWeight} is outside of 0.001 to 1000`);
  if (priority === undefined && fairnessKey === undefined && fairnessWeight === undefined) return undefined;
  return {
    ...(priority !== undefined && { priorityKey: priority }),
    ...(fairnessKey !== undefined && { fairnessKey }),
    ...(fairnessWeight !== undefined && { fairnessWeight }),
  };
}

/** Throws TY1008 unless `priority` is one of 1 to 5. */
export function assertPriority(priority: number): asserts priority is PriorityLevel {
  if (!Number.isInteger(priority) || priority < 1 || priority > 5)
    throw new TrainyardError('TY1008', `${priority} is not a priority`);
}

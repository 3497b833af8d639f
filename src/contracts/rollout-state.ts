/** Where a rollout stands while it runs, and the traffic of its steps. @module */
import type { RolloutBoard, RolloutCommand, RolloutPlan, RolloutStep } from './rollouts.js';
import { mainRevision, type Traffic } from './traffic.js';

/** What a rollout shows of itself. */
export function boardOf({ plan, revision, step, paused, looks, seen, because }: RolloutState): RolloutBoard {
  const { id, endpoint, steps } = plan;
  return { id, endpoint, revision, step, steps: steps.length, paused, looks, seen, because };
}

/** The traffic of a step; of none, before the first one. */
export function trafficOfStep(before: Traffic, revision: number, step: RolloutStep | undefined): Traffic {
  const main = mainRevision(before);
  const all = { revision: main, share: 1 };
  const sticky = before.stickyBy === undefined ? {} : { stickyBy: before.stickyBy };
  if (step === undefined) {
    const shares = [...before.shares.filter(({ share }) => share > 0), { revision, share: 0 }];
    return { ...before, shares };
  }
  if (step.mode === 'full') {
    const waiting = { revision: main, share: 0 };
    return { mode: 'single', shares: [{ revision, share: 1 }, waiting], shadows: [], ...sticky };
  }
  if (step.mode === 'shadow') return { mode: 'shadow', shares: [all], shadows: [revision], ...sticky };
  const shares = [
    { revision: main, share: 1 - step.share },
    { revision, share: step.share },
  ];
  return { mode: 'canary', shares, shadows: [], ...sticky };
}

/** Where a rollout stands: what it hands to the run that it goes on as. */
export interface RolloutState {
  readonly plan: RolloutPlan;
  /** The traffic that is gone back to. */
  readonly before: Traffic;
  revision: number | null;
  /** −1: not yet at the first step. */
  step: number;
  /** The traffic of the step. */
  traffic: Traffic;
  sinceMs: number;
  /** When the first step began. */
  beganMs: number;
  generation: number | null;
  seen: number;
  looks: number;
  paused: boolean;
  because: string;
  readonly commands: RolloutCommand[];
  /** Whether it gave its trainer's answers; absent before that is known, and where nobody asks. */
  agrees?: boolean;
}

/** A rollout at its start. */
export function newRollout(plan: RolloutPlan, before: Traffic): RolloutState {
  const nothing = {
    revision: null,
    generation: null,
    sinceMs: 0,
    beganMs: 0,
    seen: 0,
    looks: 0,
    paused: false,
    because: 'it begins',
  };
  return { plan, before, step: -1, traffic: before, ...nothing, commands: [] };
}

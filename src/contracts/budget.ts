/** What a run, or all runs of a scope, may spend; and the Update by which somebody allows more. @module */
import { z } from 'zod';

/** Name of the Update that carries a {@link BudgetRaise}. */
export const raiseBudgetUpdate = 'trainyard-raise-budget';

/** Memo field with the run's {@link RunBudget}: readable while no worker runs, and handed on by continue-as-new. */
export const budgetMemo = 'trainyard-budget';

/**
 * Hours of devices (of slots, where a pool with a device has none), and money in the unit of the pools' `costPerHour`. What is absent is
 * not limited.
 */
export const Limits = z.object({
  deviceHours: z.number().positive().optional(),
  cost: z.number().positive().optional(),
});
export type Limits = z.output<typeof Limits>;

/** What was spent so far, in the same units. */
export const Spent = z.object({ deviceHours: z.number().nonnegative(), cost: z.number().nonnegative() });
export type Spent = z.output<typeof Spent>;

/** The budget that a run was started with, as it stands. */
export const RunBudget = z.object({
  limits: Limits,
  /** Runs with the same scope spend the same budget: those of a schedule. @default the run, with all that it continues as */
  scope: z.string().min(1).optional(),
  /** Stages wait for a raise. */
  exhausted: z.boolean().optional(),
});
export type RunBudget = z.output<typeof RunBudget>;

/** What `trainyard budget raise` sends: the new limits, who allows them and why. */
export const BudgetRaise = Limits.extend({ by: z.string().min(1), reason: z.string().min(1) }).refine(
  ({ deviceHours, cost }) => deviceHours !== undefined || cost !== undefined,
  'neither deviceHours nor cost is raised',
);
export type BudgetRaise = z.output<typeof BudgetRaise>;

/** The units in which a budget may be limited. */
export const budgetUnits = ['deviceHours', 'cost'] as const;

/** What a run's stages spend together where its budget names no other scope. */
export function budgetScope(workflowId: string, firstRunId: string): string {
  return `${workflowId}/${firstRunId}`;
}

/** The largest share that is spent of anything limited: 1 when it is all. */
export function shareOf(spent: Spent, limits: Limits): number {
  return Math.max(0, ...budgetUnits.map((unit) => spent[unit] / (limits[unit] ?? Infinity)));
}

/** `8.1 of 10 device-hours and 40 of 50 cost`. */
export function describeBudget(spent: Spent, limits: Limits): string {
  const parts = budgetUnits.flatMap((unit) => {
    const limit = limits[unit];
    return limit === undefined
      ? []
      : [`${figure(spent[unit])} of ${figure(limit)} ${unit === 'cost' ? 'cost' : 'device-hours'}`];
  });
  return parts.join(' and ');
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Leave to spend more: for a run with its children, and for a schedule with the runs that it has started and will start. @module */
import {
  type Client,
  ScheduleNotFoundError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { type BudgetRaise, budgetMemo, Limits, raiseBudgetUpdate, RunBudget } from '../contracts/budget.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** Raises the budget of a run, then of its children as far as they may spend less. Throws TY1912 when the run refuses. */
export async function raiseBudget(client: Client, run: WorkflowHandle, raise: BudgetRaise): Promise<void> {
  try {
    await run.executeUpdate(raiseBudgetUpdate, { args: [raise] });
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw new TrainyardError('TY1912', `${run.workflowId}: ${messageOf(error.cause)}`, { cause: error, remedy: '' });
  }
  const { raw } = await run.describe();
  for (const { workflowId, runId } of raw.pendingChildren ?? [])
    await raiseIfOpen(client, client.workflow.getHandle(workflowId ?? '', runId ?? undefined), raise);
}

/** Raises what the runs of a schedule may spend; gives the workflow ids of its open runs. Throws TY1912 for one without a budget. */
export async function raiseScheduleBudget(client: Client, scheduleId: string, raise: BudgetRaise): Promise<string[]> {
  const schedule = client.schedule.getHandle(scheduleId);
  try {
    await schedule.update((previous) => {
      const { action, state } = previous;
      const budget = RunBudget.safeParse(action.memo?.[budgetMemo]).data;
      if (budget === undefined)
        throw new TrainyardError('TY1912', `schedule ${scheduleId} has no budget: nothing limits its runs`, {
          remedy: '',
        });
      const limits = { ...budget.limits, ...Limits.parse(raise) };
      const memo = { ...action.memo, [budgetMemo]: { ...budget, limits } };
      const note = `budget raised by ${raise.by}: ${raise.reason}`;
      return { ...previous, action: { ...action, memo }, state: { ...state, note } };
    });
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new TrainyardError('TY1902', `there is no schedule ${scheduleId}`, { cause: error });
  }
  const { info } = await schedule.describe();
  const raised: string[] = [];
  // A schedule that lets its runs overlap does not list those that run.
  const started = [...info.runningActions, ...info.recentActions.map(({ action }) => action)];
  for (const workflowId of new Set(started.map(({ workflow }) => workflow.workflowId))) {
    if (await raiseIfOpen(client, client.workflow.getHandle(workflowId), raise)) raised.push(workflowId);
  }
  return raised;
}

/** False for a run that has ended, has no budget, or may spend as much already. */
export async function raiseIfOpen(client: Client, run: WorkflowHandle, raise: BudgetRaise): Promise<boolean> {
  try {
    const { memo, status } = await run.describe();
    if (status.name !== 'RUNNING' || memo?.[budgetMemo] === undefined) return false;
    await raiseBudget(client, run, raise);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    if (error instanceof TrainyardError && error.code === 'TY1912') return false;
    throw error;
  }
}

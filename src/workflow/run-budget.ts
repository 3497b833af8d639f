/** The budget of a run: handed to its stages, raised by Update, waited for where it is spent. @module */
import {
  ApplicationFailure,
  condition,
  defineUpdate,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  BudgetRaise,
  budgetMemo,
  budgetScope,
  budgetUnits,
  Limits,
  raiseBudgetUpdate,
  RunBudget,
} from '../contracts/budget.js';
import type { StageCall } from '../contracts/envelope.js';
import { checked } from './checked.js';

// Modules are loaded anew for each run: this is one run's budget.
let budget: RunBudget | undefined;
let raises = 0;

/** Registers the Update handler and reads what the run was started with; call it before the first `await`. */
export function acceptRaises(): void {
  const memo = workflowInfo().memo?.[budgetMemo];
  budget = memo === undefined ? undefined : checked(RunBudget, memo, 'budget');
  setHandler(defineUpdate<undefined, [unknown]>(raiseBudgetUpdate), raise, {
    validator: (request) => {
      raisedLimits(request);
    },
    description: 'Allows the run to spend more',
  });
}

/** What a stage call may spend; undefined without a budget. */
export function callBudget(): StageCall['budget'] {
  if (budget === undefined) return undefined;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { scope: budget.scope ?? budgetScope(workflowId, firstExecutionRunId), limits: budget.limits };
}

/** Marks the moment at which a call takes the budget; the function given back waits until it has been raised since then. */
export function watchRaises(): () => Promise<void> {
  const before = raises;
  return async () => {
    if (raises === before) publish({ exhausted: true });
    await condition(() => raises > before);
  };
}

function raise(request: unknown): undefined {
  const limits = raisedLimits(request);
  raises++;
  publish({ limits, exhausted: false });
}

/** Temporal applies Updates again after a reset without asking the validator, hence the same check in the handler. */
function raisedLimits(request: unknown): Limits {
  const asked = Limits.parse(checked(BudgetRaise, request, 'budget raise'));
  if (budget === undefined) throw refused('this run has no budget');
  const { limits } = budget;
  for (const unit of budgetUnits) {
    const [now = Infinity, then = Infinity] = [limits[unit], asked[unit]];
    if (then !== Infinity && then <= now) throw refused(`${unit} is limited to ${now} now, ${then} is no raise`);
  }
  return { ...limits, ...asked };
}

function refused(what: string): ApplicationFailure {
  return ApplicationFailure.create({
    message: `${what}. See \`trainyard budget show\`. [TY1912]`,
    type: 'BudgetRefused',
    nonRetryable: true,
  });
}

function publish(change: Partial<RunBudget>): void {
  if (budget === undefined) return;
  budget = { ...budget, ...change };
  upsertMemo({ [budgetMemo]: budget });
}

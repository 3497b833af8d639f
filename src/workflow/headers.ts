/** The workflow half of the one interceptor pair: which stage call an activity belongs to, and what a child may spend. @module */
import {
  ApplicationFailure,
  defaultPayloadConverter,
  workflowInfo,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import { approvalsMemo, authorMemo } from '../contracts/approvals.js';
import { budgetMemo } from '../contracts/budget.js';
import type { StageCall } from '../contracts/envelope.js';
import { mapsMemo } from '../contracts/lists.js';
import { stageCallHeader } from '../contracts/names.js';
import { isAskingByPolicy } from './questions.js';
import { callBudget } from './run-budget.js';

// Not an AsyncLocalStorage: each run would add one to those that Node walks through for every promise of the process.
let current: StageCall | undefined;

/** Runs `schedule`; the activity that it schedules before it first waits carries `call`. */
export function withStageCall<Result>(call: StageCall, schedule: () => Promise<Result>): Promise<Result> {
  current = call;
  try {
    return schedule();
  } finally {
    current = undefined;
  }
}

/** Registered in the workflow bundle as an interceptor module. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        if (current === undefined) return next(input);
        const headers = { ...input.headers, [stageCallHeader]: defaultPayloadConverter.toPayload(current) };
        return next({ ...input, headers });
      },
      // A child spends what its parent may, and so does what a run continues as, a raise included.
      startChildWorkflowExecution: (input, next) => next({ ...input, options: withAuthor(withBudget(input.options)) }),
      continueAsNew: (input, next) => {
        if (isAskingByPolicy()) throw asking();
        return next({ ...input, options: withBudget(withMemo(input.options)) });
      },
    },
  ],
});

/** Where a memo is said, the one before is not taken over: the run would lose its tenant. What it says of this run's own maps and questions goes. */
function withMemo<Options extends { memo?: Record<string, unknown> }>(options: Options): Options {
  const kept = Object.entries(workflowInfo().memo ?? {}).filter(([name]) => !ofOneRun.includes(name));
  return { ...options, memo: { ...Object.fromEntries(kept), ...options.memo } };
}

const ofOneRun = [approvalsMemo, budgetMemo, mapsMemo];

function withBudget<Options extends { memo?: Record<string, unknown> }>(options: Options): Options {
  const budget = callBudget();
  return budget === undefined ? options : { ...options, memo: { [budgetMemo]: budget, ...options.memo } };
}

/** Who may not decide about a run may not about its children. */
function withAuthor<Options extends { memo?: Record<string, unknown> }>(options: Options): Options {
  const author = workflowInfo().memo?.[authorMemo];
  return author === undefined ? options : { ...options, memo: { [authorMemo]: author, ...options.memo } };
}

function asking(): ApplicationFailure {
  return ApplicationFailure.create({
    message:
      'the run would go on as a new one while people are asked: their decisions would be lost. Wait for run.approval first, or use run.continueWhenLong. [TY2208]',
    type: 'ContractViolation',
    nonRetryable: true,
  });
}

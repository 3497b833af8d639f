/** One call of a stage: an activity on its pool's task queue, with an identity of its own, scheduled anew where the outer loop says so. @module */
import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  scheduleActivity,
  workflowInfo,
} from '@temporalio/workflow';
import type { PoolName } from '../contracts/define-project.js';
import type { StageContract, StageLimits } from '../contracts/define-stage.js';
import { toMilliseconds } from '../contracts/duration.js';
import type { StageCall, StageEnvelope } from '../contracts/envelope.js';
import { projectOf, taskQueue } from '../contracts/names.js';
import { type PriorityLevel, temporalPriority } from '../contracts/priority.js';
import { type Adapted, adaptTry, type Try } from './adapt-try.js';
import { checked } from './checked.js';
import { withStageCall } from './headers.js';
import { callBudget, watchRaises } from './run-budget.js';
import { showStage } from './stage-board.js';
import { drawStageKey } from './stage-key.js';

/** What one call of a stage may change about its contract. */
export interface StageCallOptions {
  readonly pool?: PoolName;
  readonly limits?: Partial<StageLimits>;
  /** Stage key of an earlier call: where this one has no checkpoint of its own, it starts from that call's newest. */
  readonly resumeFrom?: string;
  /** The line in Temporal's UI. @default the contract's description, or the stage's name and pool; an item of a map has none */
  readonly summary?: string;
  /** Among the stages that wait for the pool's workers. @default the run's */
  readonly priority?: PriorityLevel;
}

/**
 * Gives the stage's output; a failure is Temporal's `ActivityFailure`. One async function from check to output: Temporal records a stack
 * trace for each promise of a workflow.
 * @param mapped the map that the call is an item of
 */
export async function callStage(
  contract: StageContract,
  input: unknown,
  options: StageCallOptions,
  mapped?: StageCall['mapped'],
): Promise<never> {
  const parsed = checked(contract.input, input, `stage ${contract.name}: input`);
  const stageKey = drawStageKey(contract.name);
  const { resumeFrom } = options;
  const limits = { ...contract.limits, ...options.limits };
  const project = projectOf(workflowInfo().taskQueue);
  const scheduled = { ...activityOptions(limits), priority: temporalPriority({ priority: options.priority }) };
  const adapted: Adapted = {};
  let next: Try = { input: parsed, pool: options.pool ?? contract.pool };
  for (let generation = 0; ; generation++) {
    const { input, pool, rollBack, adaptation } = next;
    const stallMs = toMilliseconds(limits.stall);
    const call = {
      stageKey,
      generation,
      resumeFrom,
      rollBack,
      adaptation,
      budget: callBudget(),
      mapped,
      project,
      stallMs,
    };
    const raised = watchRaises();
    // A map's items would all say the same, each in an event of its own.
    const summary = options.summary ?? (mapped ? undefined : (contract.description ?? `${contract.name} on ${pool}`));
    const board = mapped ? undefined : showStage(contract.name, pool);
    try {
      const { output, attempts } = await withStageCall(call, () =>
        scheduleActivity<StageEnvelope>(contract.name, [input], {
          ...scheduled,
          taskQueue: taskQueue(project, pool),
          summary,
        }),
      );
      board?.(`completed, attempts: ${attempts}`);
      // The attempt has checked the output against the contract: the workflow trusts the envelope.
      return output as never;
    } catch (error) {
      const failure = failureType(error);
      const again = goesOn(failure) ? { input, pool } : adaptTry(contract, next, error, adapted);
      board?.(again?.adaptation ?? failure ?? 'failed');
      if (again === undefined) throw error;
      if (failure === 'BudgetExhausted') await raised();
      next = again;
    }
  }
}

/** The inner retry loop is Temporal's: without a bound, because attempts without progress are counted by the attempts themselves. */
function activityOptions(limits: StageLimits): ActivityOptions {
  return {
    startToCloseTimeout: toMilliseconds(limits.startToClose),
    scheduleToCloseTimeout: toMilliseconds(limits.scheduleToClose),
    heartbeatTimeout: toMilliseconds(limits.heartbeat),
    retry: { initialInterval: '1s', maximumInterval: '1s', backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
}

function failureType(error: unknown): string | undefined {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return undefined;
  return error.cause.type ?? undefined;
}

/** A reset fails the activity that was in flight: that is a preemption. A spent budget stops one, and a raise lets it go on. */
function goesOn(type: string | undefined): boolean {
  return type === 'ResetWorkflow' || type === 'BudgetExhausted';
}

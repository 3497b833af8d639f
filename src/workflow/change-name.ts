/** How a pipeline, or another entity, changes an entity. @module */
import { scheduleActivity, workflowInfo } from '@temporalio/workflow';
import { changeActivity, type ChangeRequest, type EntityContract } from '../contracts/entities.js';
import { checked } from './checked.js';

/** Why a change is made, and what allows it. */
export interface NameChangeOptions {
  readonly reason: string;
  /** @default the run, by its workflow id */
  readonly by?: string;
  /** Binding of a decision, where a policy asks for one. */
  readonly decision?: string;
  /** The same id twice is one change. @default one of the call: a reset of the run asks anew */
  readonly requestId?: string;
}

// Modules are loaded anew for each run.
let changes = 0;

const asking = { startToCloseTimeout: '30 seconds', retry: { initialInterval: '1s', maximumInterval: '10s' } } as const;

/**
 * Asks the entity of a name for a change and gives its answer. Waits as long as no worker answers; what the rules refuse is an `ActivityFailure`
 * whose cause has the type `ChangeRefused`. Made once, also where the activity is tried again.
 */
export async function changeName<State, Change, Result>(
  contract: EntityContract<State, Change, Result>,
  name: string,
  change: Change,
  { reason, by, decision, requestId }: NameChangeOptions,
): Promise<Result> {
  const { workflowId, runId, taskQueue } = workflowInfo();
  const wish = checked(contract.change, change, `change of ${contract.kind} ${name}`);
  const request: ChangeRequest = {
    id: requestId ?? `${runId}-${changes++}`,
    by: { name: by ?? `run ${workflowId}` },
    reason,
    decision,
    change: wish as ChangeRequest['change'], // contracts survive JSON
  };
  const options = { ...asking, taskQueue, summary: `${contract.kind} ${name}: ${reason}`.slice(0, 100) };
  return scheduleActivity<Result>(changeActivity, [contract.kind, name, request], options);
}

/** Which of several calls that need one result makes it: the engine arbitrates, by a workflow that exists once for each key. @module */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { claimId, claimMemo, claimWorkflow, pipelinesPool, releaseClaimSignal, taskQueue } from '../contracts/names.js';

/** The activity that makes a result. */
export const Claimant = z.object({ workflowId: z.string(), runId: z.string(), activityId: z.string() });
export type Claimant = z.output<typeof Claimant>;

/** A claim outlives whatever it was made for by no more than this. */
const longest = '30 days';

/** The claims of one project's calls. */
export class CacheClaims {
  constructor(
    private readonly client: Client,
    private readonly project: string,
  ) {}

  /** Takes the claim, or keeps it where it is ours already; else gives who has it. One whose activity has ended is taken over. */
  async take(key: string, claimant: Claimant): Promise<Claimant | undefined> {
    for (;;) {
      try {
        await this.client.workflow.start(claimWorkflow, {
          workflowId: claimId(this.project, key),
          taskQueue: taskQueue(this.project, pipelinesPool),
          memo: { [claimMemo]: claimant },
          workflowExecutionTimeout: longest,
        });
        return undefined;
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      const holder = await this.holder(key);
      if (holder === undefined) continue;
      const { workflowId, runId, activityId } = holder.claimant;
      const isOurs =
        workflowId === claimant.workflowId && runId === claimant.runId && activityId === claimant.activityId;
      if (isOurs) return undefined;
      if (await this.isPending(holder.claimant)) return holder.claimant;
      await ignoringGone(() => holder.terminate());
    }
  }

  /** Lets others make the result, or take it. */
  async release(key: string): Promise<void> {
    await ignoringGone(() => this.client.workflow.getHandle(claimId(this.project, key)).signal(releaseClaimSignal));
  }

  /** Who has the claim now; undefined when it has just been let go. */
  private async holder(key: string): Promise<{ claimant: Claimant; terminate(): Promise<unknown> } | undefined> {
    const described = await ignoringGone(() => this.client.workflow.getHandle(claimId(this.project, key)).describe());
    if (described?.status.name !== 'RUNNING') return undefined;
    const claimant = Claimant.parse(described.memo?.[claimMemo]);
    const handle = this.client.workflow.getHandle(described.workflowId, described.runId);
    return { claimant, terminate: () => handle.terminate('the activity that had it has ended') };
  }

  private async isPending({ workflowId, runId, activityId }: Claimant): Promise<boolean> {
    const run = await ignoringGone(() => this.client.workflow.getHandle(workflowId, runId).describe());
    const pending = run?.status.name === 'RUNNING' ? (run.raw.pendingActivities ?? []) : [];
    return pending.some((activity) => activity.activityId === activityId);
  }
}

async function ignoringGone<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

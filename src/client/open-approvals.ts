/** What runs of a project ask people, read from their memos: true while no worker runs. @module */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { approvalsMemo, OpenApproval } from '../contracts/approvals.js';
import { isOwn } from '../contracts/names.js';

/** An open approval, and the run that asks. */
export interface AskedApproval {
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly startedAt: Date;
  readonly approval: OpenApproval;
}

/** Open approvals of all open runs. A run is found up to seconds after it first asked: Temporal's visibility lags; what it asks is up to date. */
export async function* openApprovals(client: Client, project: string): AsyncGenerator<AskedApproval> {
  const query = `WorkflowId STARTS_WITH "${project}/" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, runId, type, memo } of client.workflow.list({ query })) {
    // A run that has never asked has no such field; one that has asked and was answered has an empty list.
    if (isOwn(type) || memo?.[approvalsMemo] === undefined) continue;
    yield* await approvalsOf(client, workflowId, runId);
  }
}

/** Open approvals of one run: the newest of its id unless `runId` says which. None of a run that has ended. */
export async function approvalsOf(client: Client, workflowId: string, runId?: string): Promise<AskedApproval[]> {
  try {
    const { status, memo, type, startTime, ...run } = await client.workflow.getHandle(workflowId, runId).describe();
    if (status.name !== 'RUNNING') return [];
    const now = Date.now();
    return z
      .array(OpenApproval)
      .catch([])
      .parse(memo?.[approvalsMemo])
      .filter(({ expiresAt }) => Date.parse(expiresAt) > now)
      .map((approval) => ({ workflowId, runId: run.runId, pipeline: type, startedAt: startTime, approval }));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** A run that an entity wants once, and its end: started unless it was started before, waited for as long as it takes. @module */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import { failureOf } from '../client/run.js';
import { attributesOf } from '../client/search-attributes.js';
import { authorMemo, type RunAuthor } from '../contracts/approvals.js';
import { pipelinesPool, taskQueue } from '../contracts/names.js';
import { whileBeating } from './until-ended.js';

/** What such runs are started with. */
export interface RoundHost {
  readonly client: Client;
  readonly project: string;
  readonly store: ArtifactStore;
  /** Those that the namespace has. @default none */
  readonly searchAttributes?: readonly string[];
}

/** The run that is wanted. */
export interface WantedRun {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: unknown;
  readonly author: string;
  readonly summary: string;
}

/** In an activity, with heartbeats: the run's output, or why it failed. */
export async function endOfRun(
  { client, project, searchAttributes }: Omit<RoundHost, 'store'>,
  { workflow, workflowId, input, author, summary }: WantedRun,
): Promise<{ readonly output: unknown } | { readonly failure: string }> {
  try {
    await client.workflow.start(workflow, {
      workflowId,
      taskQueue: taskQueue(project, pipelinesPool),
      args: [input],
      typedSearchAttributes: attributesOf(project, workflow, searchAttributes),
      memo: { [authorMemo]: { name: author } satisfies RunAuthor },
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: summary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  try {
    return { output: await whileBeating(client, () => client.workflow.getHandle(workflowId).result()) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: failureOf(error) };
  }
}

/** The identity of a stage call: drawn once from the workflow's seeded stream, so that replay and reset draw the same. @module */
import { uuid4, workflowInfo } from '@temporalio/workflow';

/**
 * `<workflowId>/<stage>-<uuid4>`. Calls before a reset point keep their keys; a new run, a child and calls after the
 * point get new ones. Nothing else of ours draws from this stream.
 */
export function drawStageKey(stage: string): string {
  return `${workflowInfo().workflowId}/${stage}-${uuid4()}`;
}

/** Trainyard's own workflows go on with the newest code. @module */
import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';

/**
 * PINNED would keep a workflow that lives for years on a version whose workers are gone. A worker without versions, as in a user's own tests, is
 * refused a behaviour.
 */
export function autoUpgrade(workflow: (...args: never[]) => Promise<unknown>): void {
  setWorkflowOptions(
    () => (workflowInfo().currentDeploymentVersion ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
    workflow,
  );
}

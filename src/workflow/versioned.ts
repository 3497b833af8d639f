/** Whether the worker of a workflow has a version. @module */
import { workflowInfo } from '@temporalio/workflow';

/** A worker without versions, as in a user's own tests, has a build id of its own, but no deployment; it is refused a versioning behaviour. */
export function isVersioned(): boolean {
  return Boolean(workflowInfo().currentDeploymentVersion?.deploymentName);
}

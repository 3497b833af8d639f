/** The version of a project's pipelines that new runs start on. @module */
import type { Client } from '@temporalio/client';

/** Its build id; undefined before the first poll of a worker, by which the server learns of a deployment. */
export async function currentBuild(client: Client, project: string): Promise<string | undefined> {
  try {
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace: client.options.namespace,
      deploymentName: project,
    });
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  } catch {
    return undefined;
  }
}

/** Worker Deployment Versioning: a run stays on the version of the code that started it. @module */
import type { Client } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';

/** The build id of the workers that run a bundle. */
export function buildIdOf(bundleSha256: string): string {
  return bundleSha256.slice(0, 16);
}

/**
 * Deployment options of a project's pipelines worker; the build id is the digest of its workflow bundle. PINNED is said here
 * and not by each workflow: the server refuses it from a worker without versions, as a user's own tests run.
 */
export function deploymentOf(project: string, bundleSha256: string): WorkerDeploymentOptions {
  return {
    version: { deploymentName: project, buildId: buildIdOf(bundleSha256) },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}

/**
 * Makes a version the one that new runs start on. The server knows a version only after its first poll: until then it
 * answers NOT_FOUND, and the call is made again.
 * @param options.once leaves alone a version that was current before: a worker of an older release that starts again takes no new runs
 */
export async function makeCurrent(
  client: Client,
  { version }: WorkerDeploymentOptions,
  { once, signal }: { readonly once: boolean; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (once && (await wasCurrent(client, version))) return;
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: client.options.namespace,
        deploymentName: version.deploymentName,
        buildId: version.buildId,
        identity: client.options.identity,
        ignoreMissingTaskQueues: true,
      });
      return;
    } catch (error) {
      if (!isNotYetKnown(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function wasCurrent(client: Client, version: WorkerDeploymentOptions['version']): Promise<boolean> {
  const { namespace } = client.options;
  const { deploymentName, buildId } = version;
  // The version itself does not tell it, servers of 1.29 at least.
  const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({ namespace, deploymentName });
  const known = workerDeploymentInfo?.versionSummaries?.find((one) => one.deploymentVersion?.buildId === buildId);
  return Boolean(known?.firstActivationTime);
}

const notFound = 5;
const failedPrecondition = 9;

function isNotYetKnown(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === notFound || error.code === failedPrecondition);
}

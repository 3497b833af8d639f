/** A claim on a result: while it runs, its call is the only one that makes that result. @module */
import { condition, defineSignal, setHandler, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { releaseClaimSignal } from '../contracts/names.js';

/** The workflow `trainyard:claim`: the engine has one of each id, which is what makes it a claim. Ends when its call has. */
export async function claim(): Promise<void> {
  let released = false;
  setHandler(defineSignal(releaseClaimSignal), () => {
    released = true;
  });
  await condition(() => released);
}

// PINNED would keep it on a version whose workers are gone. A worker without versions, as in a user's own tests, is refused one.
setWorkflowOptions(
  () => (workflowInfo().currentDeploymentVersion ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
  claim,
);

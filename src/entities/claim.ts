/** A claim on a result: while it runs, its call is the only one that makes that result. @module */
import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { releaseClaimSignal } from '../contracts/names.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';

/** The workflow `trainyard:claim`: the engine has one of each id, which is what makes it a claim. Ends when its call has. */
export async function claim(): Promise<void> {
  let released = false;
  setHandler(defineSignal(releaseClaimSignal), () => {
    released = true;
  });
  await condition(() => released);
}

autoUpgrade(claim);

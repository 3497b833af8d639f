/** Continues a run as new on the newest code: the one moment when a loop can change versions, because nothing of its history goes along. @module */
import { continueAsNew, makeContinueAsNewFunc } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import { isVersioned } from './versioned.js';

/**
 * The new run of a pinned one inherits its version. Servers to 1.29 look at the behaviour that the last task was completed with, and newer ones at the
 * command: both are told. Throws, as `continueAsNew` does.
 */
export async function continueOnNewest(input: unknown): Promise<never> {
  if (!isVersioned()) return continueAsNew<(input: unknown) => Promise<never>>(input);
  // The SDK has no other way to say it of one task.
  getActivator().versioningBehavior = 'AUTO_UPGRADE';
  const options = { initialVersioningBehavior: 'AUTO_UPGRADE' } as const;
  return makeContinueAsNewFunc<(input: unknown) => Promise<never>>(options)(input);
}

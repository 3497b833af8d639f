/** Trainyard's own workflows go on with the newest code. @module */
import { setWorkflowOptions } from '@temporalio/workflow';
import { isVersioned } from './versioned.js';

/** PINNED would keep a workflow that lives for years on a version whose workers are gone. */
export function autoUpgrade(workflow: (...args: never[]) => Promise<unknown>): void {
  setWorkflowOptions(() => (isVersioned() ? { versioningBehavior: 'AUTO_UPGRADE' } : {}), workflow);
}

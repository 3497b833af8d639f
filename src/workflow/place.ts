/** The place of a run among those of its tenant: asked for before the pipeline's code begins, where the run has a tenant. @module */
import { condition, defineSignal, scheduleActivity, setHandler, workflowInfo } from '@temporalio/workflow';
import { defaultPriority } from '../contracts/priority.js';
import {
  grantPlaceSignal,
  type Place,
  type PlaceRequest,
  requestPlaceActivity,
  tenantMemo,
} from '../contracts/tenants.js';

/** Somebody may terminate the tenant's queue: a run that waits so long asks again. */
const askAgainAfter = '1 hour';

/** Listens for the grant (call it before the first `await`) and gives how to wait for it; undefined for a run without a tenant. */
export function expectPlace(): (() => Promise<void>) | undefined {
  const { memo, workflowId, firstExecutionRunId: chain, priority, startTime, taskQueue } = workflowInfo();
  const tenant = memo?.[tenantMemo];
  if (tenant === undefined) return undefined;
  let granted = false;
  setHandler(defineSignal<[Place]>(grantPlaceSignal), (place) => {
    granted ||= place.chain === chain;
  });
  return async () => {
    const since = startTime.getTime();
    const request: PlaceRequest = { workflowId, chain, priority: priority?.priorityKey || defaultPriority, since };
    const asking = { startToCloseTimeout: '10 seconds', taskQueue, retry: { maximumInterval: '10 seconds' } } as const;
    do {
      const isCapped = await scheduleActivity<boolean>(requestPlaceActivity, [request, tenant], asking);
      if (!isCapped) return;
    } while (!(await condition(() => granted, askAgainAfter)));
  };
}

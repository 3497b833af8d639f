/** Activities on the `pipelines` queue that Trainyard's own workflows call: what they need to ask of the server. @module */
import type { Client } from '@temporalio/client';
import { maxRunsOf, type Project } from '../contracts/define-project.js';
import { pipelinesPool, taskQueue, tenantWorkflow, tenantWorkflowId } from '../contracts/names.js';
import {
  type Place,
  type PlaceRequest,
  requestPlaceActivity,
  requestPlaceSignal,
  watchRunActivity,
} from '../contracts/tenants.js';
import { untilEnded } from './until-ended.js';

/** The activities by name. */
export function bookkeepingActivities(client: Client, project: Pick<Project, 'name' | 'tenants'>) {
  return {
    /** Brings the request to the tenant's queue, which it starts where there is none; false where the tenant's runs are not counted. */
    [requestPlaceActivity]: async (request: PlaceRequest, tenant: string): Promise<boolean> => {
      const maxRuns = maxRunsOf(project, tenant);
      if (maxRuns === undefined) return false;
      await client.workflow.signalWithStart(tenantWorkflow, {
        workflowId: tenantWorkflowId(project.name, tenant),
        taskQueue: taskQueue(project.name, pipelinesPool),
        signal: requestPlaceSignal,
        signalArgs: [request, maxRuns],
        staticSummary: `runs of tenant ${tenant}`,
      });
      return true;
    },
    /** Ends when the run has, however it did; gives the cap of its tenant by then. */
    [watchRunActivity]: async (place: Place, tenant: string): Promise<number | undefined> => {
      await untilEnded(client, place);
      return maxRunsOf(project, tenant);
    },
  };
}

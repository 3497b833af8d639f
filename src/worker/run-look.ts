/** The activity that takes the looks of monitors: each started once, waited for, its end handed back. @module */
import { type LookEnd, type LookRequest, runLookActivity } from '../contracts/monitor-activities.js';
import { LookOutcome, type MonitorLook } from '../contracts/monitor-looks.js';
import { roundRunId } from '../contracts/names.js';
import { endOfRun, type RoundHost } from './end-of-run.js';

/** The activity by name. Killed at any line and run again, it finds the run by its workflow id and starts nothing twice. */
export function lookActivities(host: Omit<RoundHost, 'store'>) {
  return {
    [runLookActivity]: async ({ monitor, state }: LookRequest): Promise<LookEnd> => {
      const { policy, running, cursor, detectors, place } = state;
      if (policy === null || running === null) throw new TypeError(`${monitor}: no look goes on`);
      const { look, at } = running;
      const { endpoint, settings } = policy;
      const input: MonitorLook = { monitor, look, endpoint, at, cursor, detectors, place, settings };
      const end = await endOfRun(host, {
        workflow: policy.workflow,
        workflowId: roundRunId(host.project, monitor, look),
        input,
        author: `monitor ${monitor}`,
        summary: `look ${look} of the monitor ${monitor}`,
      });
      return 'failure' in end ? { failure: end.failure.slice(0, 500) } : LookOutcome.parse(end.output);
    },
  };
}

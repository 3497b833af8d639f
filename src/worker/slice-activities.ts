/** Activities on the `pipelines` queue by which ticks and schedules reach the server and the store. @module */
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { changeEntity } from '../client/change-entity.js';
import { isTime } from '../contracts/calendar-times.js';
import { entityWorkflow, entityWorkflowId, pipelinesPool, scheduleIdOf, taskQueue } from '../contracts/names.js';
import {
  announceTickActivity,
  passOverActivity,
  pauseTicksActivity,
  type PlannedSlice,
  type PlannedSlices,
  planSlicesActivity,
  runSliceActivity,
  type SliceOutcome,
  type SlicePlan,
  type SliceRequest,
  tickSignal,
} from '../contracts/slices.js';
import { slicesEntity } from '../contracts/slices-entity.js';
import { latestEntityHead } from '../records/entity-heads.js';
import { recordSlice } from '../records/slices.js';
import { planSlices } from './plan-slices.js';
import { runSlice, type SliceHost } from './run-slice.js';

/** The activities by name. */
export function sliceActivities(host: SliceHost) {
  const { client, project, store } = host;
  return {
    /** A tick says that its time has come; the entity looks itself what is due by then. A time that is none of the calendar's is a slice that somebody triggered. */
    [announceTickActivity]: async (schedule: string, at: string): Promise<void> => {
      const state = (await latestEntityHead({ store }, slicesEntity, schedule))?.state;
      if (state?.terms == null || state.calendarSince === null) return;
      const isDue = Date.parse(at) > Date.parse(state.calendarSince) && isTime(state.terms.calendar, Date.parse(at));
      if (isDue) await signalTick(client, project, schedule, at);
      else {
        const why = { by: 'temporal schedule', reason: `a tick of ${at}`, requestId: `tick-${at}`, patienceMs: 15_000 };
        await changeEntity(host, slicesEntity, schedule, { do: 'want', at, rerun: false }, why);
      }
    },
    [planSlicesActivity]: (plan: SlicePlan): Promise<PlannedSlices> => planSlices(store, plan),
    [runSliceActivity]: (request: SliceRequest): Promise<SliceOutcome> => runSlice(host, request),
    [passOverActivity]: async (schedule: string, slices: readonly PlannedSlice[]): Promise<void> => {
      const outcome = { schedule, outcome: 'skipped', runId: null, endedAt: new Date().toISOString() } as const;
      for (const slice of slices) await recordSlice(store, { ...slice, ...outcome });
    },
    [pauseTicksActivity]: async (schedule: string, note: string): Promise<void> => {
      try {
        await client.schedule.getHandle(scheduleIdOf(project, schedule)).pause(note);
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
  };
}

async function signalTick(client: Client, project: string, schedule: string, at: string): Promise<void> {
  await client.workflow.signalWithStart(entityWorkflow(slicesEntity.kind), {
    workflowId: entityWorkflowId(project, slicesEntity.kind, schedule),
    taskQueue: taskQueue(project, pipelinesPool),
    signal: tickSignal,
    signalArgs: [at],
    staticSummary: `slices of schedule ${schedule}`,
  });
}

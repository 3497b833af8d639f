/** A slice that Temporal's schedule ticks, and a backfill over it: one run each. @module */
import assert from 'node:assert/strict';
import { defineSchedule } from '../../../src/contracts/define-schedule.js';
import { entityWorkflowId, sliceId, sliceRunId } from '../../../src/contracts/names.js';
import { slicesEntity } from '../../../src/contracts/slices-entity.js';
import { sliced } from '../../schedules/contracts.js';
import { until } from '../../support/until.js';
import type { Case } from '../case.js';

const hourMs = 3_600_000;
const who = { by: 'ada', reason: 'conformance' };
const hourly = defineSchedule('hourly', {
  pipeline: sliced,
  input: ({ from, to }) => ({ from, to, fail: false }),
  cron: ['0 * * * *'],
  // One after the other: runs side by side end in any order.
  order: 'kept',
});

export const schedule: Case = {
  name: 'schedule',
  histories: async ({ project, pipelines, engine, startPipelines }) => {
    await startPipelines(new URL('../../schedules/workflows.js', import.meta.url), new Map([['hourly', hourly]]));
    const made = await pipelines.schedule(hourly, who);
    const now = Math.floor(Date.now() / hourMs) * hourMs;
    const span = { from: new Date(now - 4 * hourMs), to: new Date(now - hourMs) };
    await made.backfill(span, who);
    const isDone = async () => (await made.verify(span)).succeeded === 3;
    await until(isDone);
    const { missing, double } = await made.verify(span);
    assert.deepEqual({ missing, double }, { missing: [], double: [] });
    const { client } = engine;
    const handle = (id: string) => client.workflow.getHandle(id);
    await made.pause(who);
    return {
      entity: handle(entityWorkflowId(project.name, slicesEntity.kind, 'hourly')),
      slice: handle(sliceRunId(project.name, 'hourly', sliceId(now - 2 * hourMs))),
    };
  },
};

import { definePipeline, defineSchedule, type ScheduleDefinition } from 'trainyard';
import { PipelineClient } from 'trainyard/client';
import { z } from 'zod';

const training = definePipeline('training', {
  input: z.object({ source: z.string(), epochs: z.int().default(5) }),
  output: z.object({}),
  stages: {},
});

export const nightly: ScheduleDefinition<typeof training> = defineSchedule('nightly', {
  pipeline: training,
  calendars: [{ hour: 2, minute: 30, dayOfWeek: 'MON-FRI' }],
  timeZone: 'Europe/Berlin',
  input: ({ from, to }) => ({ source: `${from}--${to}` }),
});

const at = { pipeline: training, cron: ['30 2 * * *'] };
// @ts-expect-error an input that the pipeline does not take
defineSchedule('nightly', { ...at, input: ({ to }) => ({ path: to }) });
// @ts-expect-error a slice has no such field
defineSchedule('nightly', { ...at, input: ({ day }) => ({ source: day }) });
// @ts-expect-error an interval without a unit
defineSchedule('nightly', { pipeline: training, intervals: [{ every: '90' }], input: ({ to }) => ({ source: to }) });

declare const pipelines: PipelineClient;
export const made = pipelines.schedule(nightly, { by: 'ana', reason: 'first release' });

/** A tick: the only thing that a Temporal schedule of ours starts. @module */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { scheduleActivity, workflowInfo } from '@temporalio/workflow';
import { sliceId } from '../contracts/names.js';
import { announceTickActivity } from '../contracts/slices.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';

/** Temporal says here which time a workflow of a schedule is for. */
const scheduledTime = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** The workflow `trainyard:tick`: brings its time to the schedule's entity and ends. Delivered late, twice or out of order, it does no harm. */
export async function tick(schedule: string): Promise<void> {
  const { typedSearchAttributes, startTime } = workflowInfo();
  const scheduled = typedSearchAttributes.get(scheduledTime);
  const at = sliceId((scheduled ?? startTime).getTime());
  await scheduleActivity<undefined>(announceTickActivity, [schedule, at], {
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '1s', maximumInterval: '10s' },
  });
}

autoUpgrade(tick);

/** A history as a sequence that two engines can be compared by: what happened, in which order, to what, and no times. @module */
import type { WorkflowHandle } from '@temporalio/client';
import type { HistoryEvent } from '../../src/client/temporal-types.js';
import { eventTypeOf } from '../../src/testing/command-events.js';
import { until } from '../support/until.js';

/**
 * One line for each event, `ActivityTaskScheduled train`. Left out are workflow tasks that went well: how many there are depends on how many events a
 * worker finds together when it asks, which is a matter of milliseconds; what they decided follows them as events, and one that fails is kept.
 * Everything else counts: each attempt number that history knows, each failure's type, names of stages, signals and Updates.
 */
export async function eventSequence(handle: WorkflowHandle): Promise<string[]> {
  await until(() => isAtRest(handle));
  const { events } = await handle.fetchHistory();
  const lines = (events ?? []).filter((event) => !isRoutine(event)).map(line);
  return lines.flatMap((one, at) => (lines[at - 1] === one ? [] : [one + times(lines, at)]));
}

/** What an entity does after it answered is still to come into its history. */
async function isAtRest(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  return !raw.pendingWorkflowTask && (raw.pendingActivities ?? []).length === 0;
}

/** ` × 4096` for so many of a kind in a row. */
function times(lines: readonly string[], from: number): string {
  const to = lines.findIndex((one, at) => at > from && one !== lines[from]);
  const count = (to < 0 ? lines.length : to) - from;
  return count === 1 ? '' : ` × ${count}`;
}

function isRoutine(event: HistoryEvent): boolean {
  const { workflowTaskTimedOutEventAttributes: timedOut } = event;
  return Boolean(
    event.workflowTaskScheduledEventAttributes ??
    event.workflowTaskStartedEventAttributes ??
    event.workflowTaskCompletedEventAttributes ??
    // A worker that was shut down leaves its sticky queue: the task goes to another.
    (Number(timedOut?.timeoutType) === scheduleToStart ? timedOut : undefined),
  );
}

/** Temporal's TIMEOUT_TYPE_SCHEDULE_TO_START. */
const scheduleToStart = 2;

function line(event: HistoryEvent): string {
  const started = event.activityTaskStartedEventAttributes;
  const what = [
    event.activityTaskScheduledEventAttributes?.activityType?.name,
    started && `attempt ${started.attempt ?? 1}`,
    failureType(event),
    event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name,
    event.workflowExecutionSignaledEventAttributes?.signalName,
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name,
    event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName,
    event.markerRecordedEventAttributes?.markerName,
  ];
  return [eventTypeOf(event), ...what].filter(Boolean).join(' ');
}

function failureType(event: HistoryEvent): string | null | undefined {
  const failed = event.activityTaskFailedEventAttributes ?? event.workflowExecutionFailedEventAttributes;
  return failed?.failure?.applicationFailureInfo?.type;
}

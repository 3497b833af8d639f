/** Temporal's wire types by short names, and their times as dates. @module */
import type { temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
export type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;
export type Failure = temporal.api.failure.v1.IFailure;

/** A protobuf timestamp as a date; undefined for none. */
export function dateOf(timestamp: HistoryEvent['eventTime']): Date | undefined {
  if (!timestamp) return undefined;
  return new Date(Number(timestamp.seconds ?? 0) * 1_000 + Math.floor((timestamp.nanos ?? 0) / 1e6));
}

/** The innermost message of a failure: Temporal wraps what a stage said in "Activity task failed". */
export function failureMessage(failure: Failure | null | undefined): string | undefined {
  if (!failure) return undefined;
  const timeout = failure.timeoutFailureInfo ? 'timed out: ' : '';
  return failure.activityFailureInfo || failure.childWorkflowExecutionFailureInfo
    ? (failureMessage(failure.cause) ?? failure.message ?? undefined)
    : timeout + (failure.message ?? '');
}

/** The stage calls that a history records. @module */
import { defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { StageCall, StageEnvelope } from '../contracts/envelope.js';
import { type FailureClass, failureClasses, type RetryLoop } from '../contracts/failure-classes.js';
import { isOwn, stageCallHeader } from '../contracts/names.js';
import { decodePayload } from '../converter/decode.js';
import type { StageStatus } from './run-status.js';
import { dateOf, failureMessage, type History, type HistoryEvent } from './temporal-types.js';

/** A call as its events tell it. */
export type CallRecord = Omit<StageStatus, 'progress' | 'waitingSince'>;

type Draft = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

/** A failure that the pipeline may answer by scheduling the call anew: it is not the call's end unless the pipeline leaves it at that. */
interface OpenFailure {
  readonly eventId: number;
  readonly loop: RetryLoop;
}

/**
 * Calls in the order of their scheduling, a call that is scheduled anew in its old place; `problem` is the failure of the newest workflow
 * task, if it failed.
 */
export async function readHistory(
  history: History,
  converter: LoadedDataConverter,
): Promise<{ readonly calls: readonly CallRecord[]; readonly problem: string | undefined }> {
  const calls = new Map<string, Draft>();
  const byEvent = new Map<string, Draft>();
  const failures = new Map<Draft, OpenFailure>();
  let problem: string | undefined;
  let decidedAt = 0;
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const stageCall = stageCallOf(scheduled?.header);
    // The items of a map are counted, not listed.
    if (scheduled && !isOwn(scheduled.activityType?.name ?? '') && stageCall?.mapped === undefined) {
      const draft = draftOf(event, stageCall);
      const key = draft.stageKey ?? draft.activityId;
      const earlier = [...calls.values()].filter(({ stage }) => stage === draft.stage);
      const call = Object.assign(calls.get(key) ?? { call: earlier.length }, draft);
      calls.set(key, call);
      byEvent.set(String(event.eventId), call);
      failures.delete(call);
    }
    if (event.workflowTaskFailedEventAttributes)
      problem = failureMessage(event.workflowTaskFailedEventAttributes.failure);
    if (event.workflowTaskCompletedEventAttributes) {
      problem = undefined;
      decidedAt = Number(event.eventId);
    }
    const call = byEvent.get(String(scheduledEventId(event)));
    if (call === undefined) continue;
    await apply(event, call, converter);
    const loop = call.state === 'failed' ? loopOf(event) : 'never';
    if (loop === 'outer' || loop === 'wait') failures.set(call, { eventId: Number(event.eventId), loop });
  }
  if (!isClosed(history))
    for (const [call, { loop, eventId }] of failures)
      if (loop === 'wait' || decidedAt < eventId) Object.assign(call, { state: 'waiting', closedAt: undefined });
  return { calls: [...calls.values()], problem };
}

type Scheduled = NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>;

function stageCallOf(header: Scheduled['header']): StageCall | undefined {
  const payload = header?.fields?.[stageCallHeader];
  return StageCall.safeParse(payload && defaultPayloadConverter.fromPayload(payload)).data;
}

function draftOf(event: HistoryEvent, stageCall: StageCall | undefined): Omit<Draft, 'call'> {
  const { activityType, activityId, taskQueue } = event.activityTaskScheduledEventAttributes ?? {};
  return {
    activityId: activityId ?? '',
    stage: activityType?.name ?? '',
    stageKey: stageCall?.stageKey,
    pool: taskQueue?.name?.split('/').at(-1) ?? '',
    state: 'waiting',
    scheduledAt: dateOf(event.eventTime) ?? new Date(0),
    startedAt: undefined,
    closedAt: undefined,
    attempts: 0,
    log: undefined,
    cached: undefined,
    failure: undefined,
    worker: undefined,
  };
}

function loopOf(event: HistoryEvent): RetryLoop {
  const type = event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type ?? '';
  // The key is looked up in the same expression.
  return type in failureClasses ? failureClasses[type as FailureClass].loop : 'never';
}

function isClosed({ events }: History): boolean {
  const last = events?.at(-1);
  return Boolean(
    last?.workflowExecutionCompletedEventAttributes ??
    last?.workflowExecutionFailedEventAttributes ??
    last?.workflowExecutionCanceledEventAttributes ??
    last?.workflowExecutionTerminatedEventAttributes ??
    last?.workflowExecutionTimedOutEventAttributes ??
    last?.workflowExecutionContinuedAsNewEventAttributes,
  );
}

function scheduledEventId(event: HistoryEvent): unknown {
  return (
    event.activityTaskStartedEventAttributes ??
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes
  )?.scheduledEventId;
}

async function apply(event: HistoryEvent, call: Draft, converter: LoadedDataConverter): Promise<void> {
  const started = event.activityTaskStartedEventAttributes;
  if (started) {
    call.startedAt = dateOf(event.eventTime);
    call.attempts = started.attempt ?? 1;
    call.worker = started.identity ?? undefined;
    return;
  }
  call.closedAt = dateOf(event.eventTime);
  if (event.activityTaskCompletedEventAttributes) {
    call.state = 'completed';
    Object.assign(call, await envelopeOf(event, converter));
  } else if (event.activityTaskCanceledEventAttributes) call.state = 'cancelled';
  else {
    const { failure } = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes ?? {};
    call.state = 'failed';
    call.failure = failureMessage(failure);
  }
}

/** Attempts over all generations and resets, which Temporal's own counter does not know, and their log. */
async function envelopeOf(
  event: HistoryEvent,
  converter: LoadedDataConverter,
): Promise<Partial<Pick<Draft, 'attempts' | 'log' | 'cached'>>> {
  const payload = event.activityTaskCompletedEventAttributes?.result?.payloads?.[0];
  try {
    const { attempts, log, cached } = StageEnvelope.parse(await decodePayload(converter, payload));
    return { attempts, log, cached };
  } catch {
    // A codec that this client lacks, or not a stage: the number of the last start has to do.
    return {};
  }
}

/** The stage calls that a history records. @module */
import { defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { StageCall, StageEnvelope } from '../contracts/envelope.js';
import { isOwn, stageCallHeader } from '../contracts/names.js';
import { decodePayload } from '../converter/decode.js';
import type { StageStatus } from './run-status.js';
import { dateOf, failureMessage, type History, type HistoryEvent } from './temporal-types.js';

/** A call as its events tell it. */
export type CallRecord = Omit<StageStatus, 'progress' | 'waitingSince'>;

type Draft = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

/** Calls in the order of their scheduling; `problem` is the failure of the newest workflow task, if it failed. */
export async function readHistory(
  history: History,
  converter: LoadedDataConverter,
): Promise<{ readonly calls: readonly CallRecord[]; readonly problem: string | undefined }> {
  const byEvent = new Map<string, Draft>();
  let problem: string | undefined;
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled && !isOwn(scheduled.activityType?.name ?? ''))
      byEvent.set(String(event.eventId), draftOf(event, [...byEvent.values()]));
    if (event.workflowTaskFailedEventAttributes)
      problem = failureMessage(event.workflowTaskFailedEventAttributes.failure);
    if (event.workflowTaskCompletedEventAttributes) problem = undefined;
    const call = byEvent.get(String(scheduledEventId(event)));
    if (call) await apply(event, call, converter);
  }
  return { calls: [...byEvent.values()], problem };
}

function draftOf(event: HistoryEvent, earlier: readonly Draft[]): Draft {
  const { activityType, activityId, taskQueue, header } = event.activityTaskScheduledEventAttributes ?? {};
  const stage = activityType?.name ?? '';
  const payload = header?.fields?.[stageCallHeader];
  const call = StageCall.safeParse(payload && defaultPayloadConverter.fromPayload(payload));
  return {
    activityId: activityId ?? '',
    stage,
    call: earlier.filter((one) => one.stage === stage).length,
    stageKey: call.success ? call.data.stageKey : undefined,
    pool: taskQueue?.name?.split('/').at(-1) ?? '',
    state: 'waiting',
    scheduledAt: dateOf(event.eventTime) ?? new Date(0),
    startedAt: undefined,
    closedAt: undefined,
    attempts: 0,
    log: undefined,
    failure: undefined,
    worker: undefined,
  };
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
): Promise<Partial<Pick<Draft, 'attempts' | 'log'>>> {
  const payload = event.activityTaskCompletedEventAttributes?.result?.payloads?.[0];
  try {
    const { attempts, log } = StageEnvelope.parse(await decodePayload(converter, payload));
    return { attempts, log };
  } catch {
    // A codec that this client lacks, or not a stage: the number of the last start has to do.
    return {};
  }
}

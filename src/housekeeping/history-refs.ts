/** Refs in the payloads of a history: inputs and results of runs and stages, decisions, memos, details of failures. @module */
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { History } from '../client/temporal-types.js';
import { isOwn } from '../contracts/names.js';
import { decodePayload } from '../converter/decode.js';
import { type FoundRef, refsIn } from './find-refs.js';

/** A ref, the event that carries it, and the stage whose event that is. */
export interface HistoryRef {
  readonly ref: FoundRef;
  readonly eventId: string;
  readonly stage?: string;
}

/** Every ref of a history, decoded with the client's codecs; throws what they throw for a payload that they cannot read. */
export async function* refsInHistory(
  history: History,
  converter: LoadedDataConverter,
): AsyncGenerator<HistoryRef, void, undefined> {
  const stages = new Map<string, string>();
  for (const event of history.events ?? []) {
    const eventId = String(event.eventId);
    const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (scheduled && !isOwn(scheduled)) stages.set(eventId, scheduled);
    const { scheduledEventId } =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      {};
    const stage = stages.get(scheduled ? eventId : String(scheduledEventId));
    for (const payload of payloadsIn(event))
      for (const ref of refsIn(await decodePayload(converter, payload)))
        yield { ref, eventId, ...(stage !== undefined && { stage }) };
  }
}

/** Whatever has the shape of a payload: Temporal adds events and fields, and none may be overlooked. */
function* payloadsIn(value: unknown): Generator<Payload, void, undefined> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if ('metadata' in value && 'data' in value && ArrayBuffer.isView(value.data))
    yield value as Payload; // checked in this line
  else for (const inner of Object.values(value)) yield* payloadsIn(inner);
}

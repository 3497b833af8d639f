/** The events of a history that commands of workflow code became, in the words of `toldCommand`. @module */
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** One such event. */
export interface CommandEvent {
  readonly eventId: number;
  /** As Temporal's UI shows it: `ActivityTaskScheduled`. */
  readonly eventType: string;
  readonly kind: string;
  readonly name: string;
  /** Code may have dropped it: the mark of a patch that `deprecatePatch` left. */
  readonly optional: boolean;
}

/** In the order of the history. The search attribute that the SDK adds to a patch is no command of the code's. */
export function commandEvents({ events }: History): CommandEvent[] {
  const found: CommandEvent[] = [];
  for (const event of events ?? []) {
    const what = kindOf(event);
    if (what === undefined) continue;
    if (what[0] === 'search attributes' && found.at(-1)?.kind === 'patch') continue;
    const [kind, name, optional = false] = what;
    found.push({ eventId: Number(event.eventId), eventType: eventTypeOf(event), kind, name: name ?? '', optional });
  }
  return found;
}

/** From the event's own attributes: `activityTaskScheduledEventAttributes`. */
export function eventTypeOf(event: HistoryEvent): string {
  const key = Object.keys(event).find((name) => name.endsWith('EventAttributes')) ?? 'unknown';
  return key.charAt(0).toUpperCase() + key.slice(1).replace('EventAttributes', '');
}

type Kind = readonly [kind: string, name?: string | null, optional?: boolean];

function kindOf(event: HistoryEvent): Kind | undefined {
  const activity = event.activityTaskScheduledEventAttributes;
  if (activity) return ['activity', activity.activityType?.name];
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
  if (child) return ['child workflow', child.workflowType?.name];
  const signal = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
  if (signal) return ['signal', signal.signalName];
  const { markerRecordedEventAttributes: marker } = event;
  if (marker) return kindOfMarker(marker);
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
  if (accepted) return ['update accepted', accepted.protocolInstanceId];
  const completed = event.workflowExecutionUpdateCompletedEventAttributes;
  if (completed) return ['update completed', completed.meta?.updateId];
  return nameless.find(([key]) => event[key])?.[1];
}

/** Events whose kind says all. */
const nameless: readonly (readonly [keyof HistoryEvent, Kind])[] = [
  ['timerStartedEventAttributes', ['timer']],
  ['timerCanceledEventAttributes', ['cancel timer']],
  ['activityTaskCancelRequestedEventAttributes', ['cancel activity']],
  ['requestCancelExternalWorkflowExecutionInitiatedEventAttributes', ['request to cancel a workflow']],
  ['workflowPropertiesModifiedEventAttributes', ['memo']],
  ['upsertWorkflowSearchAttributesEventAttributes', ['search attributes']],
  ['workflowExecutionCompletedEventAttributes', ['end', 'completed']],
  ['workflowExecutionFailedEventAttributes', ['end', 'failed']],
  ['workflowExecutionCanceledEventAttributes', ['end', 'cancelled']],
  ['workflowExecutionContinuedAsNewEventAttributes', ['end', 'continued as new']],
];

/** Markers are Core's. That of a patch has its id as JSON; that of a local activity comes when it ends, in no order that code gives. */
function kindOfMarker({
  markerName,
  details,
}: NonNullable<HistoryEvent['markerRecordedEventAttributes']>): Kind | undefined {
  const data = details?.['patch-data']?.payloads?.[0]?.data;
  if (markerName !== 'core_patch') return undefined;
  const patch = data ? (JSON.parse(Buffer.from(data).toString()) as { id?: string; deprecated?: boolean }) : {};
  return ['patch', patch.id, patch.deprecated === true];
}

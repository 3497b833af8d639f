/** A stage call's attempt log as sentences. @module */
import type { AttemptRecord, LoggedEvent } from '../records/attempt-log.js';

/** A sentence for each attempt: `attempt 3 lost its worker; attempt 4 resumed from a checkpoint of attempt 2`. */
export function attemptStory(attempts: readonly AttemptRecord[]): string[] {
  return attempts.map(({ events }, index) => {
    const start = find(events, 'start');
    const parts = [
      `attempt ${start?.attempt ?? index + 1}`,
      beginning(events, index > 0),
      ...asides(events),
      ending(events, index < attempts.length - 1),
    ];
    return parts.filter((part) => part !== '').join(' ');
  });
}

function beginning(events: readonly LoggedEvent[], hasPredecessor: boolean): string {
  const base = find(events, 'base');
  if (!base?.checkpoint) return base && hasPredecessor ? 'began afresh,' : 'began,';
  const seq = Number(/(\d{9})\.json$/.exec(base.checkpoint)?.[1] ?? 0);
  return `resumed from checkpoint ${seq}${base.fromAttempt === undefined ? '' : ` of attempt ${base.fromAttempt}`},`;
}

function asides(events: readonly LoggedEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.event === 'damaged') return [`skipped a damaged record (${event.key}: ${event.reason}),`];
    if (event.event === 'numerics') return [`resumed on different numerics (${event.changed.join(', ')}),`];
    return [];
  });
}

/** The newest attempt without an end may still run; an earlier one without has vanished. */
function ending(events: readonly LoggedEvent[], hasSuccessor: boolean): string {
  const end = find(events, 'end');
  if (end === undefined) return hasSuccessor ? 'and lost its worker' : 'and has not ended';
  if (end.outcome !== 'failed')
    return end.outcome === 'completed'
      ? 'and completed'
      : `and was ${end.outcome === 'paused' ? 'paused' : end.outcome}`;
  const { spent, reason, priority } = end.evidence;
  if (end.class === 'Preempted')
    return reason === 'yielded'
      ? `and yielded its device to a run of priority ${JSON.stringify(priority)}`
      : 'and was drained';
  if (end.class === 'BudgetExhausted')
    return `and stopped: the budget was spent${typeof spent === 'string' ? ` (${spent})` : ''}`;
  return `and failed as ${end.class}: ${end.message}`;
}

type EventOf<Name extends LoggedEvent['event']> = Extract<LoggedEvent, { readonly event: Name }>;

function find<Name extends LoggedEvent['event']>(
  events: readonly LoggedEvent[],
  name: Name,
): EventOf<Name> | undefined {
  return events.find((event): event is EventOf<Name> => event.event === name);
}

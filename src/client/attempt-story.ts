/** A stage call's attempt log as sentences. @module */
import type { AttemptRecord, LoggedEvent } from '../records/attempt-log.js';

/**
 * A sentence for each attempt: `attempt 3 resumed from checkpoint 7 of attempt 1 at step 1,000, and lost its worker at step 1,200`, `attempt
 * 4 resumed from checkpoint 3 of attempt 3 at step 1,150, 50 steps repeated, and completed`.
 */
export function attemptStory(attempts: readonly AttemptRecord[]): string[] {
  return attempts.map(({ events }, index) => {
    const source = find(events, 'cache')?.source;
    if (source !== undefined) return `the result of ${source.workflowId} was used again`;
    const start = find(events, 'start');
    const next = attempts[index + 1];
    const parts = [
      `attempt ${start?.attempt ?? index + 1}${start?.adaptation === undefined ? '' : ` (${start.adaptation})`}`,
      beginning(events, index > 0),
      ...asides(events),
      ending(events, next),
    ];
    return parts.filter((part) => part !== '').join(' ');
  });
}

function beginning(events: readonly LoggedEvent[], hasPredecessor: boolean): string {
  const base = find(events, 'base');
  if (!base?.checkpoint) return base && hasPredecessor ? 'began afresh,' : 'began,';
  const { checkpoint, fromAttempt, passedOver, step, reached } = base;
  const seq = Number(/(\d{9})\.json$/.exec(checkpoint)?.[1] ?? 0);
  const from = fromAttempt === undefined ? '' : ` of attempt ${fromAttempt}`;
  const at = step === undefined ? '' : ` at step ${figure(step)}`;
  const repeated =
    step !== undefined && reached !== undefined && reached > step ? `, ${steps(reached - step)} repeated` : '';
  const over = passedOver === undefined ? '' : `, passing over ${passedOver} newer`;
  return `resumed from checkpoint ${seq}${from}${at}${over}${repeated},`;
}

function asides(events: readonly LoggedEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.event === 'damaged') return [`skipped a damaged record (${event.key}: ${event.reason}),`];
    if (event.event === 'numerics') return [`resumed on different numerics (${event.changed.join(', ')}),`];
    return [];
  });
}

/** The newest attempt without an end may still run; an earlier one without has vanished. */
function ending(events: readonly LoggedEvent[], next: AttemptRecord | undefined): string {
  const end = find(events, 'end');
  if (end === undefined) {
    if (next === undefined) return 'and has not ended';
    const reached = find(next.events, 'base')?.reached;
    return `and lost its worker${reached === undefined ? '' : ` at step ${figure(reached)}`}`;
  }
  if (end.outcome !== 'failed') return end.outcome === 'completed' ? 'and completed' : `and was ${end.outcome}`;
  if (end.class === 'Preempted') return `and ${preempted(end.evidence, next)}`;
  const { spent } = end.evidence;
  if (end.class === 'BudgetExhausted')
    return `and stopped: the budget was spent${typeof spent === 'string' ? ` (${spent})` : ''}`;
  return `and failed as ${end.class}: ${end.message}`;
}

/** Told by Temporal that nobody waits for it, or met by a successor's record (TY1302), it was superseded. */
function preempted({ reason, priority, code }: Evidence, next: AttemptRecord | undefined): string {
  if (reason === 'yielded') return `yielded its device to a run of priority ${JSON.stringify(priority)}`;
  if (reason !== 'superseded' && code !== 'TY1302') return 'was drained';
  const successor = next && find(next.events, 'start')?.attempt;
  return successor === undefined
    ? 'was given up: nobody waited for it any more'
    : `was superseded by attempt ${successor}`;
}

type Evidence = Extract<EventOf<'end'>, { readonly outcome: 'failed' }>['evidence'];

function steps(count: number): string {
  return `${figure(count)} ${count === 1 ? 'step' : 'steps'}`;
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}

type EventOf<Name extends LoggedEvent['event']> = Extract<LoggedEvent, { readonly event: Name }>;

function find<Name extends LoggedEvent['event']>(
  events: readonly LoggedEvent[],
  name: Name,
): EventOf<Name> | undefined {
  return events.find((event): event is EventOf<Name> => event.event === name);
}

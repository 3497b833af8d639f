/** Where code first does something else than a history records: both lists side by side. @module */
import type { TracedActivation, TracedCommand } from '../contracts/command-trace.js';
import type { CommandEvent } from './command-events.js';
import { sourceLine } from './source-line.js';

/** The first difference between a history and the code. */
export interface Divergence {
  /** The event that the code does not make; undefined when the code makes more than the history has. */
  readonly event: { readonly id: number; readonly type: string } | undefined;
  /** What the history has there: `activity prepare`; `nothing more`. */
  readonly history: string;
  /** What the code makes instead; `nothing` while it waits for something. */
  readonly code: string;
  /** `src/workflows.ts:31:20`: where the code makes it, or waits, or made its last command before; undefined where no line is known. */
  readonly source: string | undefined;
}

/**
 * Undefined where both lists agree to the shorter one's end and the history is not over: Core saw a difference that events do not show.
 * @param type of the workflow: which frames of a stack are the pipeline's own
 */
export function findDivergence(
  events: readonly CommandEvent[],
  activations: readonly TracedActivation[],
  type: string,
): Divergence | undefined {
  const commands = activations.flatMap(withoutUnsent);
  let at = 0;
  for (const event of events) {
    const command = commands[at];
    if (command?.kind === event.kind && command.name === event.name) {
      at++;
      continue;
    }
    if (event.optional) continue;
    const stack = command?.stack ?? activations.at(-1)?.waitsAt ?? [];
    const lines = [
      stack,
      ...commands
        .slice(0, at)
        .reverse()
        .map((before) => before.stack),
    ];
    return {
      event: { id: event.eventId, type: event.eventType },
      history: words(event),
      code: command ? words(command) : 'nothing',
      source: lines.map((frames) => sourceLine(frames, type)).find((line) => line !== undefined),
    };
  }
  const more = commands[at];
  return more && { event: undefined, history: 'nothing more', code: words(more), source: sourceLine(more.stack, type) };
}

const cancels = ['cancel timer', 'cancel activity', 'cancel child workflow'];

/** Core sends nothing of what is started and cancelled in one activation; and cancelling a child is a request to its workflow. */
function withoutUnsent({ commands }: TracedActivation): TracedCommand[] {
  const unsent = new Set<string>();
  for (const { kind, seq } of commands)
    if (cancels.includes(kind) && commands.some((other) => `cancel ${other.kind}` === kind && other.seq === seq))
      unsent.add(`${kind} ${seq}`);
  const told = commands.filter(
    ({ kind, seq }) => !unsent.has(`${kind} ${seq}`) && !unsent.has(`cancel ${kind} ${seq}`),
  );
  return told.map((command) =>
    command.kind === 'cancel child workflow' ? { ...command, kind: 'request to cancel a workflow' } : command,
  );
}

function words({ kind, name }: { readonly kind: string; readonly name: string }): string {
  if (kind === 'end') return `the end of the run (${name})`;
  // The id of an Update says nothing to a reader.
  return name === '' || kind.startsWith('update') ? kind : `${kind} ${name}`;
}

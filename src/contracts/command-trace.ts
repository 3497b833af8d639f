/** What a replay tells of the commands that workflow code made, so that `trainyard check` can name the line. @module */

/** A command, in the words of the event that it becomes. */
export interface TracedCommand {
  /** `activity`, `timer`, `child workflow`, … */
  readonly kind: string;
  /** Type of the activity or child, name of the signal, id of the patch; empty where the kind says all. */
  readonly name: string;
  /** Number of what it starts or cancels; undefined for commands that stand alone. */
  readonly seq: number | undefined;
  /** Stack lines, innermost first, Temporal's own left out. */
  readonly stack: readonly string[];
}

/** One activation of a workflow: what it made, or where it waits when it made nothing. */
export interface TracedActivation {
  readonly commands: readonly TracedCommand[];
  readonly waitsAt: readonly string[];
}

/** The sink that carries it out of the sandbox. */
export const traceSink = 'trainyardTrace';

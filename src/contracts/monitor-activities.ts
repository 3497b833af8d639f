/** What the workflow of a monitor asks of its worker. @module */
import type { LookOutcome } from './monitor-looks.js';
import type { MonitorState } from './monitor-state.js';

/** Activity on the `pipelines` queue: starts the look that goes on and waits for its end. Takes a {@link LookRequest}, gives a {@link LookEnd}. */
export const runLookActivity = 'trainyard:runLook';

/** The look to be taken. */
export interface LookRequest {
  readonly monitor: string;
  /** With a look that goes on. */
  readonly state: Pick<MonitorState, 'policy' | 'running' | 'cursor' | 'detectors' | 'place'>;
}

/** How it ended. */
export type LookEnd = LookOutcome | { readonly failure: string };

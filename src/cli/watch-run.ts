/** Watches a run to its end and says how it ended: the one path behind `run`, `watch` and the examples. @module */
import { createLogUpdate } from 'log-update';
import { failureOf, type Run } from '../client/run.js';
import type { RunStatus } from '../client/run-status.js';
import { followRun, type FollowOptions, type Snapshot } from './follow-run.js';
import { liveView } from './live-view.js';
import { Paces } from './pace.js';
import { plainLine, RunEvents } from './run-events.js';

/** How a run is shown: on a terminal, as plain lines, or as JSON lines. */
export type View = 'live' | 'plain' | 'json';

/** How a run ended; `detached` when the watching was stopped first. */
export type RunEnd =
  | { readonly state: 'completed'; readonly output: unknown }
  | { readonly state: Exclude<RunStatus['state'], 'running' | 'completed'>; readonly failure: string }
  | { readonly state: 'detached' };

/** `json` when asked for, `live` on a terminal, else `plain`. */
export function viewFor(options: { readonly json?: boolean }): View {
  if (options.json) return 'json';
  return process.stdout.isTTY ? 'live' : 'plain';
}

/** What {@link watchRun} is told. */
export interface WatchOptions extends FollowOptions {
  readonly view: View;
  /** What was told of this run before: a second watching does not tell it again. @default nothing */
  readonly told?: RunEvents;
}

/** Shows the run until it is closed, `until` holds or `signal` aborts. */
export async function watchRun(options: WatchOptions): Promise<RunEnd> {
  const show = viewer(options.view, options.told ?? runEvents(options.view));
  let last: RunStatus | undefined;
  try {
    for await (const snapshot of followRun(options)) {
      show.update(snapshot);
      last = snapshot.status;
    }
  } finally {
    show.done();
  }
  if (last === undefined || last.state === 'running') return { state: 'detached' };
  return endOf(options.run, last.state);
}

/** Exit code of an end: 0 done, 1 failed, 3 rejected; 130 when the watching was stopped by Ctrl-C. */
export function exitCodeOf(end: RunEnd): number {
  if (end.state === 'detached') return 130;
  if (end.state !== 'completed') return 1;
  const { output } = end;
  return typeof output === 'object' && output !== null && 'outcome' in output && output.outcome === 'rejected' ? 3 : 0;
}

async function endOf(run: Run, state: Exclude<RunStatus['state'], 'running'>): Promise<RunEnd> {
  try {
    const output = await run.result();
    return { state: 'completed', output };
  } catch (error) {
    return { state: state === 'completed' ? 'failed' : state, failure: failureOf(error) };
  }
}

interface Viewer {
  update(snapshot: Snapshot): void;
  done(): void;
}

/** Events for a view: how often progress is told. */
export function runEvents(view: View): RunEvents {
  return new RunEvents(view === 'json' ? 1_000 : 5_000);
}

function viewer(view: View, events: RunEvents): Viewer {
  if (view === 'live') {
    const update = createLogUpdate(process.stdout);
    const paces = new Paces();
    return {
      update: (snapshot) =>
        update(liveView(snapshot, { now: Date.now(), width: process.stdout.columns, paces }).join('\n')),
      done: () => update.done(),
    };
  }
  return {
    update: (snapshot) => {
      for (const event of events.of(snapshot, Date.now()))
        process.stdout.write(`${view === 'json' ? JSON.stringify(event) : plainLine(event)}\n`);
    },
    done: () => undefined,
  };
}

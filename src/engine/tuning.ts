/** The flags that make Temporal's development server fast on a database file, each with its effect. @module */

/** Arguments of `temporal server start-dev` that belong together, and what they do; measured in `docs/engine.md`. */
export interface TunedFlag {
  readonly args: readonly string[];
  readonly effect: string;
}

/**
 * How SQLite writes. `normal` loses nothing when a process is killed, but a power cut may lose the last moments; `full`
 * syncs every commit and loses nothing.
 */
export type Synchronous = 'normal' | 'full';

/** The tuned flags in the order in which `bench/engine-flags.ts` adds them. */
export function tunedFlags(synchronous: Synchronous = 'normal'): readonly TunedFlag[] {
  return [
    {
      args: ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', `synchronous=${synchronous}`],
      effect: 'a commit appends to a log instead of rewriting pages and syncing twice',
    },
    dynamic(
      { 'history.transferProcessorMaxPollRPS': 10_000 },
      'hands out tasks at once; the default polls 20 times a second',
    ),
    dynamic({ 'history.timerProcessorMaxPollRPS': 10_000 }, 'the same for timers: retries, sleeps, timeouts'),
    dynamic({ 'history.visibilityProcessorMaxPollRPS': 10_000 }, 'the same for the list of runs'),
    dynamic(
      { 'system.enableActivityEagerExecution': true },
      'an activity that the worker of its workflow serves comes with the answer, without a poll',
    ),
    dynamic(
      { 'matching.numTaskqueueReadPartitions': 1, 'matching.numTaskqueueWritePartitions': 1 },
      'one partition for each task queue instead of four: a task meets its poller without being forwarded',
    ),
    dynamic(
      { 'history.timerProcessorMaxTimeShift': '10ms' },
      'retries and short timers fire on time; the default waits up to a second for the timer queue',
    ),
    dynamic(
      { 'history.maxInFlightUpdates': 100 },
      'takes a hundred Updates of one workflow at a time; with the default nothing moves for seconds where more than ten come',
    ),
    dynamic(
      { 'matching.enableFairness': true },
      'hands out what waits by priority, and in turn between fairness keys; without it both are ignored',
    ),
  ];
}

function dynamic(values: Record<string, number | boolean | string>, effect: string): TunedFlag {
  const args = Object.entries(values).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
  return { args, effect };
}

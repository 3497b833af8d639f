/** What it costs to take a stage's result from the cache. @module */
import type { Run } from '../src/client/run.js';
import { besideBareWorkers } from './bare.js';
import { inPairs, type Measurement, median, timed } from './measurement.js';
import { oneFromCache } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

const samples = 31;
const warmUpRuns = 20;

/** Runs of one stage whose result is there, against runs of one activity on Temporal's SDK alone: 30 ms is the bar. */
export function benchCache(): Promise<Measurement[]> {
  return withStack(['pipelines', 'cpu'], (stack) => besideBareWorkers(stack.engine, () => measure(stack)));
}

async function measure({ client, pipelines }: BenchStack): Promise<Measurement[]> {
  let runs = 0;
  const roundTrips: number[] = [];
  const inside: number[] = [];
  const ours = async () => {
    let run: Run | undefined;
    const ms = await timed(async () => {
      run = await pipelines.start(oneFromCache, { workflowId: `cached-${runs++}`, input: { count: 0 } });
      await run.result();
    });
    const times = run && (await activityTimes(run));
    if (runs > warmUpRuns && times) {
      roundTrips.push(times.roundTripMs);
      inside.push(times.insideMs);
    }
    return ms;
  };
  const peer = () => {
    const options = { taskQueue: 'bare/workflows', workflowId: `bare-${runs++}`, args: [{ count: 0 }] };
    return timed(() => client.workflow.execute('oneActivity', options));
  };
  for (let warm = 0; warm < warmUpRuns / 2; warm++) {
    await ours(); // the first one makes the result
    await peer();
  }
  const pairs = await inPairs(samples, ours, peer);
  return [
    { name: 'run of a stage from the cache (peer: an activity)', value: pairs.ours, unit: 'ms', peer: pairs.peer },
    { name: 'cache hit, beyond a bare activity', value: pairs.ours - pairs.peer, unit: 'ms' },
    { name: 'cache hit, from scheduled to completed', value: median(roundTrips), unit: 'ms' },
    { name: 'cache hit, inside the activity', value: median(inside), unit: 'ms' },
  ];
}

/** By the server's clock; `insideMs` from the worker's taking it up to the answer's arrival. */
async function activityTimes(run: Run): Promise<{ readonly roundTripMs: number; readonly insideMs: number }> {
  const { events } = await run.workflow.fetchHistory();
  let [scheduled, started, completed] = [NaN, NaN, NaN];
  for (const event of events ?? []) {
    const at = Number(event.eventTime?.seconds) * 1_000 + (event.eventTime?.nanos ?? 0) / 1e6;
    if (event.activityTaskScheduledEventAttributes) scheduled = at;
    if (event.activityTaskStartedEventAttributes) started = at;
    if (event.activityTaskCompletedEventAttributes) completed = at;
  }
  return { roundTripMs: completed - scheduled, insideMs: completed - started };
}

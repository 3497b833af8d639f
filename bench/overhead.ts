/** Six trivial stages as a pipeline, against the same six activities on Temporal's SDK alone. @module */
import { besideBareWorkers } from './bare.js';
import { inPairs, type Measurement, timed } from './measurement.js';
import { sixStages } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

/** Title, and how the runs of one sample follow each other. */
const loads = [
  { title: '1 run', samples: 21, load: (start: () => Promise<unknown>) => start() },
  { title: '10 runs in a row', samples: 5, load: inARow },
  { title: '100 runs at once', samples: 5, load: atOnce },
] as const;

const warmUpRuns = 20;

/** Wall time from start to result, one engine for both, each worker in a process of its own: 1.15 is the bar. */
export function benchOverhead(): Promise<Measurement[]> {
  return withStack(['pipelines', 'cpu'], (stack) => besideBareWorkers(stack.engine, () => measure(stack)));
}

async function measure({ client, pipelines }: BenchStack): Promise<Measurement[]> {
  let runs = 0;
  const ours = async () => {
    const run = await pipelines.start(sixStages, { workflowId: `ours-${runs++}`, input: { count: 0 } });
    await run.result();
  };
  const peer = async () => {
    const options = { taskQueue: 'bare/workflows', workflowId: `bare-${runs++}`, args: [{ count: 0 }] };
    await client.workflow.execute('sixActivities', options);
  };
  // Workers live for days: what is measured is code that the engine has compiled, on both sides.
  for (let warm = 0; warm < warmUpRuns; warm++) {
    await ours();
    await peer();
  }
  const results: Measurement[] = [];
  for (const { title, samples, load } of loads) {
    const pairs = await inPairs(
      samples,
      () => timed(() => load(ours)),
      () => timed(() => load(peer)),
    );
    results.push({ name: `six stages, ${title}`, value: pairs.ours, unit: 'ms', peer: pairs.peer, ratio: pairs.ratio });
  }
  return results;
}

async function inARow(start: () => Promise<void>): Promise<void> {
  for (let done = 0; done < 10; done++) await start();
}

async function atOnce(start: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: 100 }, start));
}

/** Ten thousand items through a trivial stage, against the same activities on Temporal's SDK alone, so many at a time. @module */
import type { Client } from '@temporalio/client';
import { putList } from '../src/artifacts/lists.js';
import { besideBareWorkers } from './bare.js';
import { type Measurement, median, timed } from './measurement.js';
import { oneOfMany } from './project/contracts.js';
import type { BareMap } from './project/bare-workflows.js';
import { type BenchStack, withStack } from './stack.js';

const items = 10_000;
const concurrency = 50;
const rounds = 3;

/** Wall time of each, one engine for all, each worker in a process of its own: 1.3 times the faster of the bare ones is the bar. */
export function benchMap(): Promise<Measurement[]> {
  return withStack(['pipelines', 'cpu'], (stack) => besideBareWorkers(stack.engine, () => measure(stack)));
}

async function measure({ client, pipelines, store }: BenchStack): Promise<Measurement[]> {
  let runs = 0;
  let longest = 0;
  const ours = async (count: number) => {
    const list = await putList(
      store,
      Array.from({ length: count }, (_, item) => ({ count: item })),
    );
    let workflowId = `map-${runs++}`;
    const ms = await timed(async () => {
      const run = await pipelines.start(oneOfMany, { workflowId, input: { items: list, concurrency } });
      await run.result();
      ({ workflowId } = run);
    });
    longest = Math.max(longest, await longestHistory(client, workflowId));
    return ms;
  };
  const bare = (workflow: string) => (count: number) => {
    const args: [BareMap] = [{ items: count, lanes: concurrency }];
    return timed(() =>
      client.workflow.execute(workflow, { taskQueue: 'bare/workflows', workflowId: `bare-${runs++}`, args }),
    );
  };
  const ways = [ours, bare('mapBare'), bare('mapBareInChildren')];
  for (const way of ways) await way(1_000); // compiles, on both sides
  const measured: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    // Another one begins in each round: what else the machine does hits all alike.
    const times: number[] = [];
    for (let turn = 0; turn < ways.length; turn++) {
      const at = (round + turn) % ways.length;
      times[at] = (await ways[at]?.(items)) ?? NaN;
    }
    measured.push(times);
  }
  const [own = NaN, inOne = NaN, inChildren = NaN] = ways.map((_, way) =>
    median(measured.map((times) => times[way] ?? NaN)),
  );
  const peer = Math.min(inOne, inChildren);
  // Not the faster one of each round: that would be the better of two throws.
  const peerAt = peer === inOne ? 1 : 2;
  const ratio = median(measured.map((times) => (times[0] ?? NaN) / (times[peerAt] ?? NaN)));
  return [
    { name: `map over ${items} items (peer: the faster)`, value: own, unit: 'ms', peer, ratio },
    { name: 'of the peer, in one history', value: inOne, unit: 'ms' },
    { name: 'of the peer, in children of 1,000 items', value: inChildren, unit: 'ms' },
    { name: 'longest history of the map', value: longest, unit: 'events' },
  ];
}

/** A hundred thousand items, for which the peer's one history is too short: how long it takes, and how long the histories are. */
export function benchLargeMap(): Promise<Measurement[]> {
  return withStack(['pipelines', 'cpu'], async ({ client, pipelines, store }) => {
    const list = await putList(
      store,
      Array.from({ length: 100_000 }, (_, item) => ({ count: item })),
    );
    let workflowId = 'large-map';
    const ms = await timed(async () => {
      const run = await pipelines.start(oneOfMany, { workflowId, input: { items: list, concurrency } });
      const { results, failed } = await run.result();
      if (results.count !== list.count || failed > 0) throw new Error(`${failed} of ${results.count} items failed`);
      ({ workflowId } = run);
    });
    return [
      { name: `map over ${list.count} items`, value: ms / 1000, unit: 's' },
      { name: 'longest history of the map', value: await longestHistory(client, workflowId), unit: 'events' },
    ];
  });
}

/** Of a run and of the workflows of its parts, and of theirs. */
async function longestHistory(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  let longest = events?.length ?? 0;
  for (const { startChildWorkflowExecutionInitiatedEventAttributes: part } of events ?? [])
    if (part?.workflowId) longest = Math.max(longest, await longestHistory(client, part.workflowId));
  return longest;
}

/** The peer: the same six activities as a workflow on Temporal's SDK alone. @module */
import { condition, defineSignal, defineUpdate, executeChild, proxyActivities, setHandler } from '@temporalio/workflow';
import type { bareActivities, Count } from './bare-activities.js';

const { one, two, three, four, five, six } = proxyActivities<typeof bareActivities>({
  taskQueue: 'bare/activities',
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30 seconds',
});

export async function sixActivities(input: Count): Promise<Count> {
  return six(await five(await four(await three(await two(await one(input))))));
}

export async function oneActivity(input: Count): Promise<Count> {
  return one(input);
}

/** What a map of the peer takes: so many items, so many at a time. */
export interface BareMap {
  readonly items: number;
  readonly lanes: number;
}

/** All items in one history: the shortest code that there is. */
export async function mapBare({ items, lanes }: BareMap): Promise<number> {
  const results: Count[] = [];
  let given = 0;
  const lane = async () => {
    for (let item = given++; item < items; item = given++) results[item] = await one({ count: item });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results.length;
}

const itemsOfChild = 1_000;

/** The same in histories of a thousand items, two at a time. */
export async function mapBareInChildren({ items, lanes }: BareMap): Promise<number> {
  let left = items;
  let done = 0;
  const side = async () => {
    while (left > 0) {
      const part = Math.min(itemsOfChild, left);
      left -= part;
      done += await executeChild(mapBare, { args: [{ items: part, lanes: lanes / 2 }] });
    }
  };
  await Promise.all([side(), side()]);
  return done;
}

/** Takes an Update and answers it, until it is told to end. */
export async function answering(): Promise<void> {
  let ended = false;
  setHandler(defineUpdate<unknown, [unknown]>('ask'), (asked) => asked);
  setHandler(defineSignal('end'), () => {
    ended = true;
  });
  await condition(() => ended);
}

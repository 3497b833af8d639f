/** A run of many short stages. @module */
import { proxyActivities, sleep } from '@temporalio/workflow';

const { tick } = proxyActivities<{ tick(index: number): Promise<number> }>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '100 ms' },
});

/** Ticks `count` times with a short timer in between; returns the sum of what the ticks returned. */
export async function ticks(count: number): Promise<number> {
  let sum = 0;
  for (let index = 1; index <= count; index += 1) {
    sum += await tick(index);
    await sleep('20 ms');
  }
  return sum;
}

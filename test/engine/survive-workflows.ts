/** A run of many short stages. @module */
import { proxyActivities, sleep } from '@temporalio/workflow';

// A task that the server had handed out when it was killed comes again after its timeout only.
const { tick } = proxyActivities<{ tick(index: number): Promise<number> }>({
  startToCloseTimeout: '2 seconds',
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

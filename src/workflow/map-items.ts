/** Many items through one stage, so many at a time. @module */
import { ActivityFailure, ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { messageOf } from '../contracts/errors.js';

/** How an item ended, where failures are collected. */
export type ItemResult<Output> =
  | { readonly status: 'completed'; readonly output: Output }
  | { readonly status: 'failed'; readonly class: string; readonly message: string };

/** What to do about an item that fails: end the map, or go on and tell. */
export type OnFailure = 'fail' | 'collect';

/** Hands out one after the other, undefined when there are no more; waits only where it must: see {@link inLanes}. */
export type Next<Given> = () => Given | undefined | Promise<Given | undefined>;

/** An item with its place in the map. */
export interface Item {
  readonly index: number;
  readonly item: unknown;
}

/** What {@link runItems} runs. */
export interface ItemRun {
  /** For messages. */
  readonly stage: string;
  readonly next: Next<Item>;
  readonly call: (item: unknown, index: number) => Promise<unknown>;
  readonly concurrency: number;
  readonly onFailure: OnFailure;
  /** Told after each item. */
  readonly settled: (failed: boolean) => void;
}

/**
 * Outputs by index, or {@link ItemResult}s where failures are collected. The first failure that is not ends the map: items in flight are
 * cancelled, and have ended when it throws.
 */
export async function runItems(run: ItemRun): Promise<unknown[]> {
  const results: unknown[] = [];
  await inLanes(run.concurrency, run.next, (one) => runItem(run, one, results));
  return results;
}

/**
 * Does `work` with all that `next` gives, in so many lanes. The first error cancels the others, and is thrown when they have ended. It
 * waits for promises only: each one that is made costs a stack trace, which Temporal records for it, and a map has thousands of turns.
 */
export function inLanes<Given>(count: number, next: Next<Given>, work: (given: Given) => Promise<void>): Promise<void> {
  return CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    const lane = async () => {
      for (;;) {
        const given = next();
        const one = given instanceof Promise ? await given : given;
        if (one === undefined) return;
        await work(one);
      }
    };
    const lanes = Array.from({ length: count }, lane);
    try {
      await Promise.all(lanes);
    } catch (error) {
      scope.cancel();
      await Promise.allSettled(lanes);
      throw error;
    }
  });
}

/** By `then`: an async function would cost two promises more. */
function runItem(
  { stage, call, onFailure, settled }: ItemRun,
  { index, item }: Item,
  results: unknown[],
): Promise<void> {
  return call(item, index).then(
    (output) => {
      settled(false);
      results[index] = onFailure === 'fail' ? output : { status: 'completed', output };
    },
    (error: unknown) => {
      if (isCancellation(error)) throw error;
      const cause = error instanceof ActivityFailure ? error.cause : error;
      const failure = cause instanceof ApplicationFailure ? cause : undefined;
      const type = failure?.type ?? 'Failed';
      const message = messageOf(cause);
      if (onFailure === 'fail') {
        const what = `item ${index} of the map over stage ${stage} failed: ${message}`;
        // Not as its cause: the innermost message is what people are shown, and it names no item.
        throw ApplicationFailure.create({ message: what, type, nonRetryable: true, details: failure?.details ?? [] });
      }
      settled(true);
      results[index] = { status: 'failed', class: type, message } satisfies ItemResult<never>;
    },
  );
}

/** Something that happens again and again while runs go on. @module */
import { setTimeout } from 'node:timers/promises';
import type { Random } from './random.js';

/** Acts at random intervals until `done` settles; gives what it gives. */
export async function disturb<Result>(
  done: Promise<Result>,
  { random, leastMs, mostMs }: { readonly random: Random; readonly leastMs: number; readonly mostMs: number },
  act: () => void,
): Promise<Result> {
  const over = new AbortController();
  void done
    .catch(() => undefined)
    .finally(() => {
      over.abort();
    });
  for (;;) {
    await setTimeout(random.whole(leastMs, mostMs));
    if (over.signal.aborted) return done;
    act();
  }
}

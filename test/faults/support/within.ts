/** Waits for something to be there, and says what was waited for when it never comes. @module */
import { setTimeout } from 'node:timers/promises';

/** Resolves with what `probe` gives once it gives something; throws after so many seconds. */
export async function within<Found>(
  seconds: number,
  what: string,
  probe: () => Found | undefined | Promise<Found | undefined>,
): Promise<Found> {
  const deadlineMs = performance.now() + seconds * 1_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`not within ${seconds} s: ${what}`);
    await setTimeout(10);
  }
}

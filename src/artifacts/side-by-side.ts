/** Several of the same at once, of which the first that fails stops the others. @module */
import { setMaxListeners } from 'node:events';

/** Stops all with its reason, which it throws. */
export type Fail = (reason: unknown) => never;

/**
 * Runs `work` so many times at once. The first failure, or `signal`, stops the others by the signal that they were given, and is thrown
 * when none of them runs any more.
 */
export async function sideBySide(
  count: number,
  work: (stop: AbortSignal, fail: Fail) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, stop); // one for each request
  const fail = (reason: unknown) => {
    failed.abort(reason);
    throw reason;
  };
  const running = Array.from({ length: count }, () => work(stop, fail).catch(fail));
  const ended = await Promise.allSettled(running);
  // What stopped all, rather than what one of them made of being stopped.
  if (ended.some(({ status }) => status === 'rejected')) throw stop.reason;
}

/** The sentences of `trainyard show` about attempts, as patterns. @module */

const step = '[\\d,]+';
const resumed = (seq: string, attempt: string) =>
  `resumed from checkpoint ${seq} of attempt ${attempt}( at step ${step})?(, ${step} steps? repeated)?`;

/** How an attempt begins that comes after another one. */
export const afterAnother = `(began afresh|${resumed('\\d+', '\\d+')})`;

/** It went on from this very checkpoint of the first attempt. */
export const fromCheckpoint = (seq: number | string) => resumed(String(seq), '1');

export const lostItsWorker = `and lost its worker( at step ${step})?`;

/** What `show` says of the attempts, whole lines one after the other, somewhere in it. */
export function lines(...sentences: readonly string[]): RegExp {
  return new RegExp(`^${sentences.join('\\n')}$`, 'm');
}

/** Two attempts: the first lost its worker, the second completed. */
export const lostAndResumed = lines(`attempt 1 began, ${lostItsWorker}`, `attempt 2 ${afterAnother}, and completed`);

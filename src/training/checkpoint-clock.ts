/** When a training loop saves: often enough to lose little, seldom enough to cost little. @module */

/** Every so many steps; or every so many seconds, stretched so that saving takes less than 3 % of the time. */
export type CheckpointEvery = { readonly steps: number } | { readonly seconds: number };

/** A save may take this share of the time between two: 2.5 %, to stay below 3 % where one takes longer than the last. */
const share = 1 / 40;

export class CheckpointClock {
  #lastStep: number;
  #lastEnd = performance.now();
  #lastMs = 0;

  constructor(
    readonly every: CheckpointEvery,
    step: number,
  ) {
    this.#lastStep = step;
  }

  /** Whether it is time to save after `step`. */
  due(step: number): boolean {
    if ('steps' in this.every) return step - this.#lastStep >= this.every.steps;
    const waitMs = Math.max(this.every.seconds * 1000, this.#lastMs / share);
    return performance.now() - this.#lastEnd >= waitMs;
  }

  /** Saves, and notes how long that took. */
  async timed(step: number, save: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await save();
    this.#lastEnd = performance.now();
    this.#lastMs = this.#lastEnd - start;
    this.#lastStep = step;
  }
}

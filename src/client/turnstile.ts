/** So many at a time for each key, the others in the order in which they came. @module */

export class Turnstile {
  readonly #inside = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(private readonly most: number) {}

  /** Runs `work` when there is room. */
  async pass<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const inside = this.#inside.get(key) ?? 0;
    if (inside < this.most) this.#inside.set(key, inside + 1);
    else {
      await new Promise<void>((resolve) => {
        this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
      });
    }
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  /** The next one takes the room over; where nobody waits it is free. */
  #leave(key: string): void {
    const [next, ...others] = this.#waiting.get(key) ?? [];
    if (others.length > 0) this.#waiting.set(key, others);
    else this.#waiting.delete(key);
    if (next) {
      next();
      return;
    }
    const inside = (this.#inside.get(key) ?? 1) - 1;
    if (inside > 0) this.#inside.set(key, inside);
    else this.#inside.delete(key);
  }
}

/** So many at a time for each key, the others in the order in which they came, as long as each cares to wait. @module */

/** There was no room in time. */
export class NoTurn extends Error {
  override readonly name = 'NoTurn';
}

export class Turnstile {
  readonly #inside = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(private readonly most: number) {}

  /** Runs `work` when there is room. Throws {@link NoTurn} where there is none within `patienceMs`. */
  async pass<Result>(key: string, patienceMs: number, work: () => Promise<Result>): Promise<Result> {
    const inside = this.#inside.get(key) ?? 0;
    if (inside < this.most) this.#inside.set(key, inside + 1);
    else await this.#turn(key, patienceMs);
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  #turn(key: string, patienceMs: number): Promise<void> {
    const queue = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, queue);
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        queue.delete(enter);
        reject(new NoTurn(`${this.most + queue.size} others of this process ask at the same time`));
      }, patienceMs);
      queue.add(enter);
    });
  }

  /** The next one takes the room over; where nobody waits it is free. */
  #leave(key: string): void {
    const queue = this.#waiting.get(key);
    const [next] = queue ?? [];
    if (next) {
      queue?.delete(next);
      next();
      return;
    }
    this.#waiting.delete(key);
    const inside = (this.#inside.get(key) ?? 1) - 1;
    if (inside > 0) this.#inside.set(key, inside);
    else this.#inside.delete(key);
  }
}

/** Counts what the attempts of this process spend of their budgets, and says when a budget is spent. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { type Limits, shareOf, type Spent } from '../contracts/budget.js';
import type { StageCall } from '../contracts/envelope.js';
import { SpendLedger, sumOf } from '../records/spend.js';

/** Told the sum that all processes have spent of a scope. */
export type OnSpent = (spent: Spent) => void;

/** One attempt that spends. */
interface Meter {
  readonly limits: Limits;
  readonly onSpent: OnSpent;
}

const hourMs = 3_600_000;
/** A killed worker forgets at most so much of what it spent; milliseconds. */
const longestTickMs = 60_000;
const shortestTickMs = 250;

/** The meters of a pool's worker: one for each scope, because its attempts share a ledger. */
export class SpendMeters {
  readonly #scopes = new Map<string, ScopeMeter>();

  /** @param perHour what an attempt of this pool spends in an hour */
  constructor(
    private readonly store: ArtifactStore,
    private readonly perHour: Spent,
  ) {}

  /** Whether an attempt with these limits spends anything of them. */
  concerns({ limits }: NonNullable<StageCall['budget']>): boolean {
    return shareOf(this.perHour, limits) > 0;
  }

  /** Begins to count for an attempt, having told it what is spent already; the function that it gives stops, and writes the sum down. */
  async start({ scope, limits }: NonNullable<StageCall['budget']>, onSpent: OnSpent): Promise<() => Promise<void>> {
    let meter = this.#scopes.get(scope);
    if (meter === undefined) this.#scopes.set(scope, (meter = new ScopeMeter(this.store, scope, this.perHour)));
    return meter.start({ limits, onSpent });
  }
}

class ScopeMeter {
  readonly #ledger: SpendLedger;
  readonly #meters = new Set<Meter>();
  #own: Spent = { deviceHours: 0, cost: 0 };
  #countedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  /** One reckoning at a time. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    store: ArtifactStore,
    scope: string,
    private readonly perHour: Spent,
  ) {
    this.#ledger = new SpendLedger(store, scope);
  }

  async start(meter: Meter): Promise<() => Promise<void>> {
    const spent = sumOf([this.#own, await this.#ledger.others()]);
    meter.onSpent(spent);
    this.#count();
    this.#meters.add(meter);
    this.#schedule(spent);
    return async () => {
      this.#count();
      this.#meters.delete(meter);
      await this.#reckon();
    };
  }

  /** Adds what was spent since the last count. By the monotonic clock: a machine's own time may jump. */
  #count(): void {
    const now = performance.now();
    const hours = ((now - this.#countedAt) / hourMs) * this.#meters.size;
    this.#countedAt = now;
    const { deviceHours, cost } = this.perHour;
    this.#own = sumOf([this.#own, { deviceHours: deviceHours * hours, cost: cost * hours }]);
  }

  /** Writes the own sum down, and tells everybody the sum of all. A store that cannot be reached is asked again at the next tick. */
  #reckon(): Promise<void> {
    this.#last = this.#last
      .then(async () => {
        this.#count();
        let spent = this.#own;
        try {
          await this.#ledger.write(spent);
          spent = sumOf([spent, await this.#ledger.others()]);
          for (const { onSpent } of this.#meters) onSpent(spent);
        } finally {
          this.#schedule(spent);
        }
      })
      .catch(() => undefined);
    return this.#last;
  }

  #schedule(spent: Spent): void {
    clearTimeout(this.#timer);
    if (this.#meters.size > 0) this.#timer = setTimeout(() => void this.#reckon(), this.#tickMs(spent)).unref();
  }

  /** Half of the time in which the nearest limit would be reached: late is late by little. */
  #tickMs(spent: Spent): number {
    const perMs = this.#meters.size / hourMs;
    const left = (['deviceHours', 'cost'] as const).flatMap((unit) =>
      [...this.#meters].map(({ limits }) => ((limits[unit] ?? Infinity) - spent[unit]) / (this.perHour[unit] * perMs)),
    );
    const nearestMs = Math.min(longestTickMs, ...left.filter((value) => !Number.isNaN(value)));
    return Math.max(shortestTickMs, nearestMs / 2);
  }
}

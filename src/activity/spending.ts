/** What one attempt spends: told to people at four fifths of the budget, and the end of the attempt when all is spent. @module */
import { describeBudget, shareOf, type Spent } from '../contracts/budget.js';
import type { StageCall } from '../contracts/envelope.js';
import type { AttemptRecorder } from './attempt-recorder.js';
import type { SpendMeters } from './spend-meter.js';
import type { StopSignal } from './stop-signal.js';

/** From this share on, people are told. */
const warnFrom = 0.8;

/** The spending of one attempt; nothing where its run has no budget, or its pool costs nothing of it. */
export class Spending {
  #told: string | undefined;
  #stop: (() => Promise<void>) | undefined;

  constructor(
    private readonly budget: StageCall['budget'],
    private readonly meters: SpendMeters | undefined,
  ) {}

  /** What was spent of which limits, as last told. */
  get told(): string | undefined {
    return this.#told;
  }

  /** Begins to count. Where the budget is spent already, the attempt is stopped before its work begins. */
  async start(recorder: AttemptRecorder, signal: StopSignal): Promise<void> {
    const { budget, meters } = this;
    if (budget === undefined || !meters?.concerns(budget)) return;
    let warned = false;
    const onSpent = (spent: Spent) => {
      const share = shareOf(spent, budget.limits);
      this.#told = describeBudget(spent, budget.limits);
      if (share >= 1) signal.stop('overspent');
      else if (share >= warnFrom && !warned) {
        warned = true;
        recorder.warn(`the budget is nearly spent: ${this.#told}`);
      }
    };
    this.#stop = await meters.start(budget, onSpent);
  }

  /** Stops to count; what was spent is written down when the promise resolves. */
  async stop(): Promise<void> {
    await this.#stop?.();
  }
}

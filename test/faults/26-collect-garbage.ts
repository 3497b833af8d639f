/** Fault 26: collections of garbage race runs that write and read, and are killed midway. @module */
import { startCommand } from '../support/cli.js';
import { disturb } from './support/disturb.js';
import { tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import type { Lab } from './support/lab.js';
import { underLoad } from './support/load.js';
import type { Random } from './support/random.js';

export const collectGarbage: Fault = {
  number: 26,
  name: 'collections of garbage among runs, killed midway',
  trials: 20,
  quick: 0,
  try: async ({ lab: open, random }) => {
    const lab = await open();
    const collector = new Collector(lab, random);
    // A collection may be over before its kill: on a quiet machine it takes half a second.
    while (collector.killed < 2) {
      const { runs, complete } = await underLoad(lab, random, { runs: 4, pool: 'cpu', heartbeatSeconds: 10 });
      collector.collect();
      await disturb(complete(), { random, leastMs: 50, mostMs: 300 }, () => {
        collector.collect();
      });
      for (const run of runs) await tells(lab, run, /completed$/);
    }
    await collector.ended();
  },
};

/** One collection at a time, without any grace: only what holds without it may hold. */
class Collector {
  killed = 0;
  #current: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly random: Random,
  ) {}

  collect(): void {
    this.#current ??= this.#run().finally(() => {
      this.#current = undefined;
    });
  }

  /** Throws what a collection that nobody killed has failed with. */
  async ended(): Promise<void> {
    await this.#current;
    if (this.#failure !== undefined) throw new Error(`a collection failed: ${this.#failure}`);
  }

  async #run(): Promise<void> {
    const { child, ended } = startCommand(this.lab.folder, ['artifacts', 'gc', '--grace', '0s', '--keep-runs', '0s']);
    const kill = setTimeout(() => child.kill('SIGKILL'), this.random.whole(300, 1_500));
    const { code, signal, stderr } = await ended;
    clearTimeout(kill);
    if (signal === 'SIGKILL') this.killed++;
    else if (code !== 0) this.#failure = stderr;
  }
}

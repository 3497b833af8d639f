/** Several runs at once, with a moment at which something happens to all of them. @module */
import type { Run } from '../../../src/client/run.js';
import { counting, learning } from '../project/contracts.js';
import { completesAs } from './expect.js';
import type { Lab } from './lab.js';
import type { Random } from './random.js';
import { type FoundTrainer, randomMoment, trainerOf } from './trainers.js';

/** Counting tells where it went on; learning, whether its bytes are the same. Eight checkpoints each, 80 ms apart. */
export const loads = [
  { contract: counting, input: { steps: 8 }, stepMs: 80 },
  { contract: learning, input: { steps: 64 }, stepMs: 10 },
] as const;

/** The lives of their trainers. */
export const lifeOfLoad = { checkpoints: 8, apartMs: 80 };

/** Runs that were started, in the order of {@link loads}, over and over. */
export interface Load {
  readonly runs: readonly Run[];
  /** The trainer whose moment has come. */
  readonly trainer: FoundTrainer;
  /** All complete with the results of unbroken runs. */
  readonly complete: () => Promise<void>;
}

/** Starts so many runs on a pool and waits for a random moment in the life of one of their trainers. */
export async function underLoad(
  lab: Lab,
  random: Random,
  { runs: howMany, ...place }: { readonly runs: number; readonly pool: string; readonly heartbeatSeconds: number },
): Promise<Load> {
  // First of all: a run must not be over before the others have begun.
  const expected = await Promise.all(loads.map(({ contract, input }) => lab.unbroken(contract, input)));
  const started = await Promise.all(
    Array.from({ length: howMany }, async (_, index) => {
      const { contract, input, stepMs } = index % 2 === 0 ? loads[0] : loads[1];
      const run = await lab.start(contract, { ...input, ...place, stepMs });
      return { run, complete: () => completesAs<unknown>(lab, run, expected[index % 2]) };
    }),
  );
  const runs = started.map(({ run }) => run as Run);
  const trainer = await trainerOf(lab, random.pick(runs));
  await randomMoment(lab, trainer, lifeOfLoad, random);
  const complete = async () => {
    await Promise.all(started.map((each) => each.complete()));
  };
  return { runs, trainer, complete };
}

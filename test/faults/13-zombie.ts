/** Fault 13: a worker sleeps past its heartbeat timeout and comes back when two others have had its attempt. @module */
import { counting, learning } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { checkpointOf, randomMoment, trainerOf } from './support/trainers.js';
import type { Lab } from './support/lab.js';
import type { Random } from './support/random.js';
import { lines, lostItsWorker } from './support/sentences.js';

const checkpoints = 24;
const apartMs = 80;
const kinds = [
  { contract: counting, input: { steps: checkpoints }, stepMs: apartMs },
  { contract: learning, input: { steps: checkpoints * 8 }, stepMs: apartMs / 8 },
] as const;

/** The first worker is stopped, the second killed early in its attempt, and the first wakes while the third is at work. */
async function haunt(lab: Lab, pool: string, random: Random): Promise<void> {
  const { contract, input, stepMs } = random.pick(kinds);
  const expected = await lab.unbroken(contract, input);
  const zombie = await lab.unusualWorker(pool);
  const run = await lab.pipelines.start(contract, { input: { ...input, stepMs, pool, heartbeatSeconds: 2 } });
  const first = await trainerOf(lab, run);
  await checkpointOf(lab, first, random.whole(1, 6));
  zombie.signalAll('SIGSTOP');
  try {
    const successor = await lab.unusualWorker(pool);
    const second = await trainerOf(lab, run, first.attempt);
    await randomMoment(lab, second, { checkpoints: 4, apartMs }, random);
    await successor.kill();
    const last = await lab.unusualWorker(pool);
    const third = await trainerOf(lab, run, second.attempt);
    await randomMoment(lab, third, { checkpoints: 8, apartMs }, random);
    zombie.signalAll('SIGCONT');
    await completesAs(lab, run, expected);
    await tells(
      lab,
      run,
      lines(`attempt ${second.attempt} .*, ${lostItsWorker}`),
      lines(`attempt ${third.attempt} .*, and completed`),
    );
    if (!zombie.lives()) throw new Error('the worker that slept is gone');
    await last.kill();
  } finally {
    zombie.signalAll('SIGCONT');
  }
  // What it still writes is written under its own token, and nobody reads it: told that nobody waits, it ends its trainer.
  if ((await zombie.drain()) !== 0) throw new Error('the worker that slept did not drain');
}

export const zombie: Fault = {
  number: 13,
  name: 'worker stopped past its timeout, back after two others',
  trials: 20,
  quick: 0,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    await lab.worker('pipelines');
    await haunt(lab, `own${slot}`, random);
  },
};

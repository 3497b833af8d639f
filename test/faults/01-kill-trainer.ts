/** Fault 1: kill -9 of the trainer at random moments of its life. @module */
import { completesAs, tells } from './support/expect.js';
import type { Fault, Trial } from './support/fault.js';
import { lifeOfLoad, loads } from './support/load.js';
import { send } from './support/process-table.js';
import { afterAnother, lines } from './support/sentences.js';
import { MissedMoment, randomMoment, trainerOf } from './support/trainers.js';

async function killOnce({ lab: open, random }: Trial): Promise<void> {
  const lab = await open();
  const { contract, input, stepMs } = random.pick(loads);
  const expected = await lab.unbroken(contract, input);
  const run = await lab.start(contract, { ...input, stepMs });
  const trainer = await trainerOf(lab, run);
  await randomMoment(lab, trainer, lifeOfLoad, random);
  const killed = send(trainer.pid, 'SIGKILL');
  await completesAs(lab, run, expected);
  const { stages } = await run.status();
  if (!killed || stages[0]?.attempts === 1)
    throw new MissedMoment('the trainer had given its output before it was killed');
  await tells(
    lab,
    run,
    /^attempt 1 began, and failed as Failed: trainer \S+ was ended by SIGKILL/,
    lines(`attempt 2 ${afterAnother}, and completed`),
  );
}

export const killTrainer: Fault = {
  number: 1,
  name: 'kill -9 of the trainer',
  trials: 200,
  quick: 3,
  atOnce: 6,
  try: killOnce,
};

/** A run that loses its worker at a random moment and goes on at another one, which differs from the first. @module */
import { completesAs, tells } from './expect.js';
import type { Lab } from './lab.js';
import { lifeOfLoad, loads } from './load.js';
import type { Random } from './random.js';
import { lostAndResumed } from './sentences.js';
import { MissedMoment, randomMoment, trainerOf } from './trainers.js';
import type { WorkerSettings } from './worker-process.js';

/** The two workers, one after the other, of a pool that nobody else serves. */
export interface HandOver {
  readonly pool: string;
  readonly random: Random;
  readonly from: WorkerSettings | undefined;
  readonly to: WorkerSettings | undefined;
}

/** The run completes with the result of an unbroken one, and tells that its worker was lost. */
export async function handOver(lab: Lab, { pool, random, from, to }: HandOver): Promise<void> {
  const { contract, input, stepMs } = random.pick(loads);
  const expected = await lab.unbroken(contract, input);
  const first = await lab.unusualWorker(pool, from);
  const run = await lab.pipelines.start(contract, { input: { ...input, stepMs, pool, heartbeatSeconds: 2 } });
  await randomMoment(lab, await trainerOf(lab, run), lifeOfLoad, random);
  await first.kill();
  const second = await lab.unusualWorker(pool, to);
  try {
    await completesAs(lab, run, expected);
    const { stages } = await run.status();
    if (stages[0]?.attempts === 1) throw new MissedMoment('the run was over before its worker was killed');
    await tells(lab, run, lostAndResumed);
  } finally {
    await second.kill();
  }
}

/** Fault 19: the clock of a worker and its trainers is a day fast or slow, and that of the next worker the other way. @module */
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { lifeOfLoad, loads } from './support/load.js';
import { lostAndResumed } from './support/sentences.js';
import { MissedMoment, randomMoment, trainerOf } from './support/trainers.js';

const dayMs = 86_400_000;
const shift = new URL('./support/shift-clock.js', import.meta.url).href;
const clock = (shiftMs: number) => ({ NODE_OPTIONS: `--import ${shift}`, CLOCK_SHIFT_MS: String(shiftMs) });

export const wrongClock: Fault = {
  number: 19,
  name: 'clocks of two workers off by a day, in both directions',
  trials: 10,
  quick: 0,
  atOnce: 2,
  try: async ({ index, slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const { contract, input, stepMs } = random.pick(loads);
    const expected = await lab.unbroken(contract, input);
    const direction = index % 4 < 2 ? 1 : -1;
    const first = await lab.unusualWorker(pool, { env: clock(direction * dayMs) });
    const run = await lab.pipelines.start(contract, { input: { ...input, stepMs, pool, heartbeatSeconds: 2 } });
    await randomMoment(lab, await trainerOf(lab, run), lifeOfLoad, random);
    await first.kill();
    const second = await lab.unusualWorker(pool, { env: clock(-direction * dayMs) });
    try {
      await completesAs(lab, run, expected);
      const { stages } = await run.status();
      if (stages[0]?.attempts === 1) throw new MissedMoment('the run was over before its worker was killed');
      // Tokens are made of the server's time: the later attempt is the later one.
      await tells(lab, run, lostAndResumed);
    } finally {
      await second.kill();
    }
  },
};

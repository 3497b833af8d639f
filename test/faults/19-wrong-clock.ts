/** Fault 19: the clock of a worker and its trainers is a day fast or slow, and that of the next worker the other way. @module */
import type { Fault } from './support/fault.js';
import { handOver } from './support/hand-over.js';

const dayMs = 86_400_000;
const shift = new URL('./support/shift-clock.js', import.meta.url).href;
const clock = (shiftMs: number) => ({
  env: { NODE_OPTIONS: `--import ${shift}`, CLOCK_SHIFT_MS: String(shiftMs) },
});

export const wrongClock: Fault = {
  number: 19,
  name: 'clocks of two workers off by a day, in both directions',
  trials: 10,
  quick: 0,
  atOnce: 2,
  try: async ({ index, slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const direction = index % 4 < 2 ? 1 : -1;
    // Tokens are made of the server's time: the later attempt is the later one.
    await handOver(lab, { pool, random, from: clock(direction * dayMs), to: clock(-direction * dayMs) });
  },
};

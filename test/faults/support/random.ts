/** Random numbers of a trial: all of them follow from the printed seed, the fault's number and the trial's. @module */
import { philox4x32 } from '../../../src/data/philox.js';

/** Draws one number after the other. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** The numbers of one trial: those of another trial are independent of them. */
export function randomOf(seed: number, fault: number, trial: number): Random {
  let draws = 0;
  const next = () => philox4x32([draws++, trial, 0, 0], [seed, fault])[0] / 2 ** 32;
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    pick: (items) => {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
  };
}

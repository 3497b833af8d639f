/** What serves a project, killed one after the other at random moments and started again. @module */
import { setTimeout } from 'node:timers/promises';
import type { Lab } from './lab.js';
import type { Random } from './random.js';

/** Something that can be killed with -9, and started again where it was. */
export interface Victim {
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<unknown>;
}

/** The engine, and the usual worker of each of these pools. */
export function victimsOf(lab: Lab, pools: readonly string[]): Victim[] {
  const workers = pools.map((pool) => ({
    kill: async () => (await lab.worker(pool)).kill(),
    start: () => lab.worker(pool),
  }));
  return [{ kill: () => lab.killEngine(), start: () => lab.startEngine() }, ...workers];
}

/**
 * Kills each of them once, in a random order and at random moments; each stays away for a while. What they serve goes on between two kills: `goesOn`
 * resolves once it has.
 */
export async function killInTurn(
  victims: readonly Victim[],
  random: Random,
  goesOn: () => Promise<unknown>,
): Promise<number> {
  const left = [...victims];
  while (left.length > 0) {
    const victim = random.pick(left);
    left.splice(left.indexOf(victim), 1);
    await setTimeout(random.whole(0, mostMs));
    await victim.kill();
    await setTimeout(random.whole(0, mostMs));
    await victim.start();
    await goesOn();
  }
  return victims.length;
}

/** About two rounds of a loop. */
const mostMs = 1_500;

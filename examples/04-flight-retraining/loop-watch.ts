/** Waits for a loop, and tells what it decided as it decides. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { LoopHead, Loops } from 'trainyard/client';

const everyMs = 100;

/** What the example knows of a decision. */
export type Decided = LoopHead['state']['decisions'][number];

/**
 * Until nothing goes on and nothing is due; gives the decisions that were made since `seen` rounds.
 * @param alive rejects when it makes no sense to wait any longer
 */
export async function settled(
  loops: Loops,
  name: string,
  seen: number,
  alive: Promise<never>,
  say: (line: string) => void,
) {
  const decided: Decided[] = [];
  for (;;) {
    const { state } = await loops.show(name);
    for (const decision of state.decisions)
      if (decision.round > seen + decided.length) {
        decided.push(decision);
        say(`  round ${decision.round}: ${decision.sentence}`);
      }
    const isQuiet = state.running === null && state.waiting.length === 0 && state.watchAsOf === null;
    if (isQuiet && state.rounds === seen + decided.length) return { decided, state };
    await Promise.race([delay(everyMs), alive]);
  }
}
